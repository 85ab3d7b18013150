{# The window over a symbol's last `period` bars, the current one included. #}
{% macro last_bars(period) -%}
    (
        {{ indicators.series() }}
        rows between {{ period - 1 }} preceding and current row
    )
{%- endmacro %}
