{#
Heikin-ashi open: the middle of the candle before. The candles average the price, so
that a trend shows as a run of one colour.

    ha_open = (ha_open[t - 1] + ha_close[t - 1]) / 2

The first bar's is (open + close) / 2. NULL where a price of the bar is NULL; such a
bar is passed over.
#}
{% macro heikin_ashi_open(open, high, low, close) %}
    {%- do indicators.check_heikin_ashi(
        'heikin_ashi_open', open, high, low, close
    ) -%}
    (({{ indicators.heikin_ashi(open, high, low, close) }})[1])[0]
{%- endmacro %}
