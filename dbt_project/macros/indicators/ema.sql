{#
Exponential moving average: like sma, but the newest bar weighs most and an old
one never quite drops out, so it turns sooner.

    ema = ema[t - 1] + 2 / (period + 1) * (x - ema[t - 1])

`seeded` is a column made by seed(column, period): NULL until `period` values are
there, and the first value is their mean, as in TA-Lib.
#}
{% macro ema(seeded, period) %}
    {%- do check_period('ema', 'period', period) -%}
    {{ recursive_average(seeded, 2 / (period + 1)) }}
{%- endmacro %}
