{#
Whether any of the last `period` values isn't 0. A rolling sum can't tell: what it
takes away again leaves its rounding behind.
#}
{% macro any_of_last(column, period) -%}
    count(nullif({{ column }}, 0)) over {{ indicators.last_bars(period) }} > 0
{%- endmacro %}
