{#
Donchian channel, upper line: the highest high of the last `period` bars, the current
one included. The turtles bought a new 20-bar high: a close (or high) above the bar
before's upper line.

NULL until `period` bars are there.
#}
{% macro donchian_upper(high, period=20) %}
    {%- do indicators.check_columns('donchian_upper', {'high': high}) -%}
    {%- do indicators.check_period('donchian_upper', 'period', period) -%}
    {{ indicators.rolling_max(high, period) }}
{%- endmacro %}
