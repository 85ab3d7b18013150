{#
Commodity channel index: how far the typical price is from its average, measured in
usual distances; three quarters of all values lie between -100 and 100.

    price = (high + low + close) / 3
    cci = (price - sma(price)) / (0.015 * mean(|price - sma(price)|))

All distances are from the current bar's average, as in TA-Lib. NULL until `period`
bars are there, and while a price of them is NULL; 0 when the price didn't move but
for rounding.
#}
{% macro cci(high, low, close, period=20) %}
    {%- do indicators.check_columns(
        'cci', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- do indicators.check_period('cci', 'period', period, at_least=2) -%}
    {{- adapter.dispatch('cci', 'indicators')(high, low, close, period) -}}
{%- endmacro %}

{% macro postgres__cci(high, low, close, period) -%}
    {%- set price = indicators.typical_price(high, low, close) -%}
    {%- set distance -%}
        {{ indicators.function('distance_from_mean') }}({{ price }})
        over {{ indicators.last_bars(period) }}
    {%- endset -%}
    {{ indicators.when_full(price, period, distance ~ ' / 0.015') }}
{%- endmacro %}

{% macro default__cci(high, low, close, period) %}
    {% do indicators.stop_here('cci') %}
{% endmacro %}
