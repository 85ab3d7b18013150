{#
Variance of the last `period` values, the population's (divided by `period`), as in
TA-Lib: the standard deviation squared.

    variance = mean((x - sma)^2)

`sample`: divided by period - 1 instead. NULL until `period` values are there, and
while one of the last `period` is NULL; 0 for values that are all the same.
#}
{% macro variance(column, period=20, sample=false) %}
    {%- do indicators.check_columns('variance', {'column': column}) -%}
    {%- do indicators.check_period(
        'variance', 'period', period, at_least=2 if sample else 1
    ) -%}
    {%- set variance -%}
        {{ 'var_samp' if sample else 'var_pop' }}({{ column }})
        over {{ indicators.last_bars(period) }}
    {%- endset -%}
    {{ indicators.when_full(column, period, variance) }}
{%- endmacro %}
