{#
Variance of the last `period` values, the population's (divided by `period`), as in
TA-Lib: the standard deviation squared.

    variance = mean((x - sma)^2)

`sample`: divided by period - 1 instead. NULL until `period` values are there, and
while one of the last `period` is NULL; 0 for values that are all the same.
#}
{% macro variance(column, period=20, sample=false) %}
    {%- do indicators.check_columns('variance', {'column': column}) -%}
    {%- do indicators.check_boolean('variance', 'sample', sample) -%}
    {%- do indicators.check_period(
        'variance', 'period', period, at_least=2 if sample else 1
    ) -%}
    {%- set deviation = indicators.deviation_of_last(column, period, sample) -%}
    {{ indicators.when_full(column, period, 'power(' ~ deviation ~ ', 2)') }}
{%- endmacro %}
