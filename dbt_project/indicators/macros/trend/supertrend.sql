{#
Supertrend: a stop that trails the price at so many average true ranges, below it in
an up trend, above it in a down trend. A close beyond it turns the trend round.

    upper = (high + low) / 2 + multiple * atr, may rise only after a close above it
    lower = (high + low) / 2 - multiple * atr, may fall only after a close below it
    supertrend = lower while the trend is up, upper while it is down

As in TA-Lib, the trend counts as up at first. NULL on the first `period` bars. NULL
where a price is NULL; such a bar is passed over.
#}
{% macro supertrend(high, low, close, period=10, multiple=3) %}
    {%- do indicators.check_supertrend(
        'supertrend', high, low, close, period, multiple
    ) -%}
    {%- set state = indicators.supertrend_bands(
        high, low, close, period, multiple
    ) -%}
    {%- set stop -%}
        case when {{ state }}[6] > 0 then {{ state }}[5] else {{ state }}[4] end
    {%- endset -%}
    {{ indicators.when_supertrend_is_warm(high, low, close, state, period, stop) }}
{%- endmacro %}
