{#
Weighted moving average: like sma, but the weights rise evenly from the oldest bar
(1) to the newest (`period`), so it turns sooner.

    wma = (1 * x[t - period + 1] + … + period * x[t]) / (1 + … + period)

NULL until `period` values are there, and while one of the last `period` is NULL.
#}
{% macro wma(column, period) %}
    {%- do indicators.check_columns('wma', {'column': column}) -%}
    {%- do indicators.check_period('wma', 'period', period) -%}
    {{ indicators.weighted_sum(column, range(period, 0, -1)) }}
    / {{ period * (period + 1) // 2 }}
{%- endmacro %}
