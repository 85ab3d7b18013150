{#
Double exponential moving average: an ema with most of its delay taken out.

    dema = 2 * ema - ema(ema)

Each average is seeded by the mean of its own first `period` values, as in TA-Lib.
NULL until 2 * period - 1 values are there. NULL where the value is NULL, which is
passed over.
#}
{% macro dema(column, period) %}
    {%- do indicators.check_columns('dema', {'column': column}) -%}
    {%- do indicators.check_period('dema', 'period', period) -%}
    {%- set state = indicators.chained_averages(column, period) -%}
    case
        when {{ column }} is not null and {{ state }}[1] >= {{ 2 * period - 1 }}
            then 2 * {{ state }}[2] - {{ state }}[3]
    end
{%- endmacro %}
