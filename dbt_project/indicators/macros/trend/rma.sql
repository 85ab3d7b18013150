{#
Wilder's moving average (RMA, SMMA): the slow exponential average inside RSI, ATR
and ADX.

    rma = rma[t - 1] + 1 / period * (x - rma[t - 1])

NULL until `period` values are there; the first value is their mean. NULL where the
value is NULL, which is passed over. `resume`: see recursive_average.
#}
{% macro rma(column, period, resume=none) %}
    {%- do indicators.check_columns('rma', {'column': column}) -%}
    {%- do indicators.check_period('rma', 'period', period) -%}
    {%- do indicators.check_resume('rma', resume) -%}
    {{ indicators.recursive_average(column, period, 1 / period, resume) }}
{%- endmacro %}
