{#
Heikin-ashi high: the highest of the bar's high and its candle's open and close.

    ha_high = max(high, ha_open, ha_close)

A candle whose high is its open falls without a pause. NULL where a price of the bar
is NULL; such a bar is passed over.
#}
{% macro heikin_ashi_high(open, high, low, close) %}
    {%- do indicators.check_heikin_ashi(
        'heikin_ashi_high', open, high, low, close
    ) -%}
    {%- set candle = '(' ~ indicators.heikin_ashi(open, high, low, close) ~ ')' -%}
    case
        when {{ candle }} is not null
            then greatest({{ high }}, ({{ candle }}[1])[0], ({{ candle }}[1])[1])
    end
{%- endmacro %}
