{#
The bars a model over int_bars has to look at. In a full build: all. In an increment,
of each changed symbol: those from its first changed bar on (has_changed), and
`lookback_bars` before them for the windows to fill: too few give wrong values, no NULLs,
for a window trusts the bar's number (see when_full).

`prices`: the columns of the bars that indicators read.

`stored`: columns of the model itself that a recursive indicator goes on from, as
stored_<column>: NULL but on the last bar before the first changed one. A symbol too
young to have stored values is looked at from its first bar, as long as
`lookback_bars` is no less than the longest warm-up.
#}
{% macro bars_to_compute(prices, lookback_bars, stored=[]) %}
    {%- set symbols = changed_symbols() -%}
    {%- if not is_increment() -%}
    {{ all_bars(prices) }}
    {%- else -%}
    select
        bars.*
        {%- for column in stored %},
        case
            when bars.bar_date = changes.previous_bar_date then stored.{{ column }}
        end as stored_{{ column }}
        {%- endfor %}

    from {{ symbols }} as changes
    cross join lateral (
        (
            select
                *,
                false as has_changed

            from {{ ref('int_bars') }}
            where
                symbol = changes.symbol
                and bar_date <= changes.previous_bar_date
            order by bar_date desc
            limit {{ lookback_bars }}
        )
        union all
        select
            *,
            true as has_changed

        from {{ ref('int_bars') }}
        where
            symbol = changes.symbol
            and bar_date > changes.previous_bar_date
    ) as bars
    {%- if stored %}
    left join lateral (
        select *

        from {{ this }}
        where
            symbol = changes.symbol
            and bar_date = changes.previous_bar_date
        offset 0
    ) as stored on true
    {%- endif %}
    {%- endif %}
{% endmacro %}

{# What of them is stored: in an increment, the changed ones. #}
{% macro changed_only() -%}
    {%- if is_increment() -%} where has_changed {%- endif -%}
{%- endmacro %}
