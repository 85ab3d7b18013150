{#
Triangular moving average: the weights rise to the middle bar and fall again, so it
is smoother and later than sma; the sma of an sma.

    trima = sma(sma(x, m), m), m = (period + 1) / 2
    of an even period: sma(sma(x, period / 2), period / 2 + 1)

As in TA-Lib. NULL until `period` values are there, and while one of the last
`period` is NULL.
#}
{% macro trima(column, period) %}
    {%- do indicators.check_columns('trima', {'column': column}) -%}
    {%- do indicators.check_period('trima', 'period', period) -%}
    {%- set weights = [] -%}
    {%- for age in range(period) -%}
        {%- do weights.append([age + 1, period - age] | min) -%}
    {%- endfor -%}
    {{ indicators.weighted_sum(column, weights) }} / {{ weights | sum }}
{%- endmacro %}
