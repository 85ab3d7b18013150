{#
Slope of the linear regression: how much the straight line that fits the last
`period` values best (least squares) rises a bar, in dollars.

    slope = 6 * sum((2 * i - period - 1) * x[i]) / (period * (period^2 - 1))
    with i from 1, the oldest, to `period`

Summed as differences of two values each, so that a flat series gives 0. NULL until
`period` values are there, and while one of them is NULL.
#}
{% macro linear_regression_slope(column, period=14) %}
    {%- do indicators.check_columns('linear_regression_slope', {'column': column}) -%}
    {%- do indicators.check_period(
        'linear_regression_slope', 'period', period, at_least=2
    ) -%}
    {%- set rise -%}
        (
            {%- for age in range(period // 2) %}
            {{ '+ ' if not loop.first }}{{ period - 1 - 2 * age }} * (
                {{ indicators.bars_ago(column, age) }}
                - {{ indicators.bars_ago(column, period - 1 - age) }}
            )
            {%- endfor %}
        ) / {{ period * (period * period - 1) / 6 }}
    {%- endset -%}
    {{ indicators.when_full(column, period, rise) }}
{%- endmacro %}
