{#
Donchian channel, lower line: the lowest low of the last `period` bars, the current one
included. The turtles bought a new 20-bar high: a close (or high) above the bar
before's upper line.

NULL until `period` bars are there.
#}
{% macro donchian_lower(low, period=20) %}
    {%- do indicators.check_columns('donchian_lower', {'low': low}) -%}
    {%- do indicators.check_period('donchian_lower', 'period', period) -%}
    {{ indicators.rolling_min(low, period) }}
{%- endmacro %}
