{#
Ichimoku base line (kijun-sen): the middle of a longer range, the slow line, where a
move often pauses.

    base = (highest high + lowest low) / 2

NULL until `period` bars are there, and while a high or low of them is NULL.
#}
{% macro ichimoku_base(high, low, period=26) %}
    {%- do indicators.check_columns('ichimoku_base', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('ichimoku_base', 'period', period) -%}
    {{ indicators.ichimoku_line(high, low, period) }}
{%- endmacro %}
