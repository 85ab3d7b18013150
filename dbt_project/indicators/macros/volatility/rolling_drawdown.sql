{#
Rolling drawdown: how far the price has fallen from the highest of the last `period`
values, in percent; 0 at that high, -10 a tenth below it. ulcer_index takes it.

    rolling drawdown = 100 * (x / highest x - 1)

NULL until `period` values are there, and while one of them is NULL.
#}
{% macro rolling_drawdown(column, period=14) %}
    {%- do indicators.check_columns('rolling_drawdown', {'column': column}) -%}
    {%- do indicators.check_period('rolling_drawdown', 'period', period) -%}
    100 * ({{ column }} / nullif({{ indicators.rolling_max(column, period) }}, 0) - 1)
{%- endmacro %}
