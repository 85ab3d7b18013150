{#
Bollinger band: the simple average, so many standard deviations up or down
(`deviations`: 2 the upper, -2 the lower band). Wide bands mean a nervous market; a
close outside is unusual for the last `period` bars.

    band = sma + deviations * standard deviation

NULL until `period` values are there, and while one of the last `period` is NULL.
#}
{% macro bollinger(column, period=20, deviations=2) %}
    {%- do indicators.check_columns('bollinger', {'column': column}) -%}
    {%- do indicators.check_period('bollinger', 'period', period) -%}
    {%- if deviations is boolean or deviations is not number -%}
        {%- do exceptions.raise_compiler_error(
            "bollinger: deviations must be a number, not " ~ deviations
        ) -%}
    {%- endif -%}
    {{ indicators.sma(column, period) }}
    + ({{ deviations }}) * {{ indicators.deviation_of_last(column, period) }}
{%- endmacro %}
