{# The window over a symbol's last `period` bars, the current one included. #}
{% macro last_bars(period) -%}
    (
        partition by symbol
        order by bar_date
        rows between {{ period - 1 }} preceding and current row
    )
{%- endmacro %}
