{#
Chaikin money flow, -1 to 1: the money flow volume of the last `period` bars as a
share of their volume. Above 0 the buyers press.

    cmf = sum(money flow volume) / sum(volume)

NULL until `period` bars are there; 0 when nothing was traded.
#}
{% macro chaikin_money_flow(high, low, close, volume, period=20) %}
    {%- do indicators.check_columns('chaikin_money_flow', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    {%- do indicators.check_period('chaikin_money_flow', 'period', period) -%}
    {%- set flow = indicators.money_flow_volume(high, low, close, volume) -%}
    {%- set share -%}
        case
            when {{ indicators.any_of_last(volume, period) }}
                then {{ indicators.sum_of_last(flow, period) }}
                / {{ indicators.sum_of_last(volume, period) }}
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full([high, low, close, volume], period, share) }}
{%- endmacro %}
