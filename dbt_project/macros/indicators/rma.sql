{#
Wilder's moving average (RMA, SMMA): the slow exponential average inside RSI and
ATR.

    rma = rma[t - 1] + 1 / period * (x - rma[t - 1])

`seeded` is a column made by seed(column, period): NULL until `period` values are
there, and the first value is their mean, as in TA-Lib.
#}
{% macro rma(seeded, period) %}
    {%- do check_period('rma', 'period', period) -%}
    {{ recursive_average(seeded, 1 / period) }}
{%- endmacro %}
