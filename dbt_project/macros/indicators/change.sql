{# The column's change from the bar before; NULL on a symbol's first bar. #}
{% macro change(column) -%}
    {{ column }} - lag({{ column }}) over (partition by symbol order by bar_date)
{%- endmacro %}
