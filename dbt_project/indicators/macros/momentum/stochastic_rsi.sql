{#
Stochastic RSI, fast %K, 0 to 100: where the rsi stands between its own lowest and
highest of the last `period` bars; quicker to reach its ends than rsi. `rsi` is the
column that rsi makes in a common table expression before; %D is the sma over 3 bars:

    first:  {{ indicators.rsi('close', 14) }} as rsi_14
    then:   {{ indicators.stochastic_rsi('rsi_14', 14) }} as stochastic_rsi_14
    last:   {{ indicators.sma('stochastic_rsi_14', 3) }}

    stochastic_rsi = 100 * (rsi - lowest rsi) / (highest rsi - lowest rsi)

NULL until `period` values of the rsi are there, and while one of the last is NULL; 0
when the rsi didn't move but for rounding, as in TA-Lib.
#}
{% macro stochastic_rsi(rsi, period=14) %}
    {%- do indicators.check_columns('stochastic_rsi', {'rsi': rsi}) -%}
    {%- do indicators.check_period('stochastic_rsi', 'period', period) -%}
    {{ indicators.stochastic_fast_k(rsi, rsi, rsi, period) }}
{%- endmacro %}
