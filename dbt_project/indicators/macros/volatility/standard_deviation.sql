{#
Standard deviation of the last `period` values around their mean, the population's
(divided by `period`), as TA-Lib and Bollinger have it. Each window is measured
around its own mean, so that a calm stretch at a high price keeps its digits.

    standard deviation = sqrt(mean((x - sma)^2))

`sample`: divided by period - 1 instead. NULL until `period` values are there, and
while one of the last `period` is NULL; 0 for values that are all the same.
#}
{% macro standard_deviation(column, period=20, sample=false) %}
    {%- do indicators.check_columns('standard_deviation', {'column': column}) -%}
    {%- do indicators.check_boolean('standard_deviation', 'sample', sample) -%}
    {%- do indicators.check_period(
        'standard_deviation', 'period', period, at_least=2 if sample else 1
    ) -%}
    {{ indicators.when_full(
        column, period, indicators.deviation_of_last(column, period, sample)
    ) }}
{%- endmacro %}

{#
The bare deviation, full window or not. Equal values give 0, not the rounding of
their mean, so that what is divided by it can tell.
#}
{% macro deviation_of_last(column, period, sample=false) -%}
    {%- set deviation -%}
        {{ 'stddev_samp' if sample else 'stddev_pop' }}({{ column }})
        over {{ indicators.last_bars(period) }}
    {%- endset -%}
    case
        when {{ deviation }} > cast(1e-13 as double precision) * abs({{ column }})
            then {{ deviation }}
        else 0
    end
{%- endmacro %}
