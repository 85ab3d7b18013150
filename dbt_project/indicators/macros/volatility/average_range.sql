{#
Average range: the exponential average of the bars' ranges, gaps left out.
chaikin_volatility takes it.

    average range = ema(high - low)

NULL until `period` bars are there; the first value is their mean.
#}
{% macro average_range(high, low, period=10) %}
    {%- do indicators.check_columns('average_range', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('average_range', 'period', period) -%}
    {{ indicators.recursive_average(
        '(' ~ high ~ ' - ' ~ low ~ ')', period, 2 / (period + 1)
    ) }}
{%- endmacro %}
