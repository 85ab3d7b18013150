{#
Buying pressure: how far the close stands above the bar's true low, the lower of its
low and the close before. ultimate_oscillator sums it.

    buying_pressure = close - min(low, close[t - 1])

NULL on a symbol's first bar.
#}
{% macro buying_pressure(low, close) %}
    {%- do indicators.check_columns(
        'buying_pressure', {'low': low, 'close': close}
    ) -%}
    {%- set before = indicators.bars_ago(close, 1) -%}
    case
        when {{ before }} is not null and {{ low }} is not null
            then {{ close }} - least({{ low }}, {{ before }})
    end
{%- endmacro %}
