-- int_indicators joins the tables of the families: a bar without its row in one would
-- silently say nothing. Counted, not joined: before its tables are analyzed Postgres
-- may join them row by row.
{% set tables = [
    'int_bars', 'int_trend', 'int_momentum', 'int_volatility', 'int_volume',
    'int_levels',
] %}

with

changed_rows as (

    {% for table in tables %}
        select
            changed_rows.symbol,
            changed_rows.bar_date

        from (
            {{ changed_rows(ref(table), ref('int_changed_symbols'), 'bar_date') }}
        ) as changed_rows
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select
    symbol,
    bar_date,
    count(*) as tables_with_a_row

from changed_rows
group by symbol, bar_date
having count(*) <> {{ tables | length }}
