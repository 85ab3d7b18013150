-- int_indicators joins the tables of the families: a bar without its row in one would
-- silently say nothing.
select
    changes.symbol,
    bars.stored as bars
    {%- for family in ['trend', 'momentum', 'volatility', 'volume', 'levels'] %},
    {{ family }}.stored as {{ family }}
    {%- endfor %}

from {{ ref('int_changed_symbols') }} as changes
{%- for table in ['bars', 'trend', 'momentum', 'volatility', 'volume', 'levels'] %}
cross join lateral (
    select count(*) as stored

    from {{ ref('int_' ~ table) }}
    where
        symbol = changes.symbol
        and bar_date > changes.previous_bar_date
) as {{ table }}
{%- endfor %}
where
    (
        trend.stored, momentum.stored, volatility.stored, volume.stored, levels.stored
    ) is distinct from (
        bars.stored, bars.stored, bars.stored, bars.stored, bars.stored
    )
