{#
Triple exponential moving average: an ema with nearly all of its delay taken out.

    tema = 3 * ema - 3 * ema(ema) + ema(ema(ema))

Each average is seeded by the mean of its own first `period` values, as in TA-Lib.
NULL until 3 * period - 2 values are there. NULL where the value is NULL, which is
passed over.
#}
{% macro tema(column, period) %}
    {%- do indicators.check_columns('tema', {'column': column}) -%}
    {%- do indicators.check_period('tema', 'period', period) -%}
    {%- set state = indicators.chained_averages(column, period) -%}
    case
        when {{ column }} is not null and {{ state }}[1] >= {{ 3 * period - 2 }}
            then 3 * {{ state }}[2] - 3 * {{ state }}[3] + {{ state }}[4]
    end
{%- endmacro %}
