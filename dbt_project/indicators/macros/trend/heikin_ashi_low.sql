{#
Heikin-ashi low: the lowest of the bar's low and its candle's open and close.

    ha_low = min(low, ha_open, ha_close)

A candle whose low is its open rises without a pause. NULL where a price of the bar
is NULL; such a bar is passed over.
#}
{% macro heikin_ashi_low(open, high, low, close) %}
    {%- do indicators.check_heikin_ashi(
        'heikin_ashi_low', open, high, low, close
    ) -%}
    {%- set candle = '(' ~ indicators.heikin_ashi(open, high, low, close) ~ ')' -%}
    case
        when {{ candle }} is not null
            then least({{ low }}, ({{ candle }}[1])[0], ({{ candle }}[1])[1])
    end
{%- endmacro %}
