{#
TRIX: the rate of change of a triple smoothed average in percent a bar; short moves
are gone from it, and it crosses 0 where the smoothed price turns.

    trix = 100 * (average / average[t - 1] - 1), average = ema(ema(ema(x)))

Each average is seeded by the mean of its own first `period` values, as in TA-Lib.
NULL until 3 * period - 1 values are there; 0 against an average of 0. NULL where the
value is NULL, which is passed over.
#}
{% macro trix(column, period=15) %}
    {%- do indicators.check_columns('trix', {'column': column}) -%}
    {%- do indicators.check_period('trix', 'period', period) -%}
    {%- set state = indicators.chained_averages(column, period) -%}
    case
        when {{ column }} is null or {{ state }}[1] < {{ 3 * period - 1 }} then null
        when {{ state }}[5] = 0 then 0
        else 100 * ({{ state }}[4] - {{ state }}[5]) / {{ state }}[5]
    end
{%- endmacro %}
