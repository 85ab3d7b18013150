{#
Direction of the supertrend: 1 while the trend is up (the stop is below the price),
-1 while it is down. TradingView's own has the signs the other way round.

NULL on the first `period` bars, and where a price is NULL: see supertrend.
#}
{% macro supertrend_direction(high, low, close, period=10, multiple=3) %}
    {%- do indicators.check_supertrend(
        'supertrend_direction', high, low, close, period, multiple
    ) -%}
    {%- set state = indicators.supertrend_bands(
        high, low, close, period, multiple
    ) -%}
    {{ indicators.when_supertrend_is_warm(
        high, low, close, state, period, state ~ '[6]'
    ) }}
{%- endmacro %}
