{#
Exponential moving average: like sma, but the newest bar weighs most and an old
one never quite drops out, so it turns sooner.

    ema = ema[t - 1] + 2 / (period + 1) * (x - ema[t - 1])

NULL until `period` values are there; the first value is their mean, as in TA-Lib.
NULL where the value is NULL, which is passed over. `resume`: see recursive_average.
#}
{% macro ema(column, period, resume=none) %}
    {%- do indicators.check_columns('ema', {'column': column}) -%}
    {%- do indicators.check_period('ema', 'period', period) -%}
    {%- do indicators.check_resume('ema', resume) -%}
    {{ indicators.recursive_average(column, period, 2 / (period + 1), resume) }}
{%- endmacro %}
