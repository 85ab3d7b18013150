{#
Donchian channel, middle line: halfway between the highest high and the lowest low of
the last `period` bars, the current one included. Many close a position there.

    middle = (upper + lower) / 2

NULL until `period` bars are there, and while one of them is NULL.
#}
{% macro donchian_middle(high, low, period=20) %}
    {%- do indicators.check_columns('donchian_middle', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('donchian_middle', 'period', period) -%}
    ({{ indicators.rolling_max(high, period) }}
    + {{ indicators.rolling_min(low, period) }}) / 2
{%- endmacro %}
