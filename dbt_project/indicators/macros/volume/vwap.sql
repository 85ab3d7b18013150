{#
Rolling volume-weighted average price: what the average share of the last `period`
bars cost, at each bar's typical price.

    vwap = sum(typical price * volume) / sum(volume)

NULL until `period` bars are there, and when nothing was traded.
#}
{% macro vwap(high, low, close, volume, period=20) %}
    {%- do indicators.check_columns('vwap', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    {%- do indicators.check_period('vwap', 'period', period) -%}
    {%- set paid = indicators.typical_price(high, low, close) ~ ' * ' ~ volume -%}
    {%- set share -%}
        case
            when {{ indicators.any_of_last(volume, period) }}
                then {{ indicators.sum_of_last(paid, period) }}
                / {{ indicators.sum_of_last(volume, period) }}
        end
    {%- endset -%}
    {{ indicators.when_full([high, low, close, volume], period, share) }}
{%- endmacro %}
