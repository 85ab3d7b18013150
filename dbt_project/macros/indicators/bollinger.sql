{#
Bollinger band: the simple average, so many standard deviations up or down
(`deviations`: 2 the upper, -2 the lower band). Wide bands mean a nervous market;
a close outside is unusual for the last `period` bars.

    band = sma(period) + deviations * stddev_pop(last period values)

The standard deviation is the population's, as Bollinger and TA-Lib have it.
NULL until `period` values are there, and while one of the last `period` is NULL.
#}
{% macro bollinger(column, period, deviations) %}
    {%- do check_period('bollinger', 'period', period) -%}
    {%- if deviations is not number -%}
        {%- do exceptions.raise_compiler_error(
            "bollinger: deviations must be a number, not " ~ deviations
        ) -%}
    {%- endif -%}
    case
        when count({{ column }}) over {{ last_bars(period) }} = {{ period }}
            then
                avg({{ column }}) over {{ last_bars(period) }}
                + ({{ deviations }})
                * stddev_pop({{ column }}) over {{ last_bars(period) }}
    end
{%- endmacro %}
