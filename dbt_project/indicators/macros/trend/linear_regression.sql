{#
Linear regression: where the straight line that fits the last `period` values best
(least squares) ends, at the current bar.

    linear_regression = mean + slope * (period - 1) / 2

As one weighted sum, with weights from 4 * period - 2 for the current bar down by 6 a
bar. NULL until `period` values are there, and while one of them is NULL.
#}
{% macro linear_regression(column, period=14) %}
    {%- do indicators.check_columns('linear_regression', {'column': column}) -%}
    {%- do indicators.check_period(
        'linear_regression', 'period', period, at_least=2
    ) -%}
    {{ indicators.weighted_sum(
        column, range(4 * period - 2, -2 * period - 2, -6)
    ) }} / {{ period * (period + 1) }}
{%- endmacro %}
