{#
Simple moving average: where the price stood on average over the last `period`
bars. The slower of two averages is the trend, the faster one the move.

    sma = (x[t - period + 1] + … + x[t]) / period

NULL until `period` values are there, and while one of the last `period` is NULL.
#}
{% macro sma(column, period) %}
    {%- do indicators.check_columns('sma', {'column': column}) -%}
    {%- do indicators.check_period('sma', 'period', period) -%}
    {{ indicators.when_full(
        column, period, indicators.sum_of_last(column, period) ~ ' / ' ~ period
    ) }}
{%- endmacro %}
