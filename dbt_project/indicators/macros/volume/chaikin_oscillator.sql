{#
Chaikin oscillator: the accumulation/distribution line's fast exponential average
above its slow one, a MACD of volume. Crossing 0 upward the buyers gain pace.

    chaikin oscillator = ema(ad_line, fast) - ema(ad_line, slow)

Both averages start at the line's first value, as in TA-Lib. NULL on the first
`slow` - 1 bars, and where an input is NULL; that bar is passed over.
#}
{% macro chaikin_oscillator(high, low, close, volume, fast=3, slow=10) %}
    {%- do indicators.check_columns('chaikin_oscillator', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    {%- do indicators.check_period('chaikin_oscillator', 'fast', fast) -%}
    {%- do indicators.check_period(
        'chaikin_oscillator', 'slow', slow, at_least=fast + 1
    ) -%}
    {{- adapter.dispatch('chaikin_oscillator', 'indicators')(
        high, low, close, volume, fast, slow
    ) -}}
{%- endmacro %}

{% macro postgres__chaikin_oscillator(high, low, close, volume, fast, slow) -%}
    {%- set flow = indicators.money_flow_volume(high, low, close, volume) -%}
    {%- set state -%}
        ({{ indicators.function('averages_of_total') }}(
            {{ flow }}, {{ fast }}, {{ slow }}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ flow }} is not null and ({{ state }}[0])[0] >= {{ slow }}
            then ({{ state }}[1])[0] - ({{ state }}[1])[1]
    end
{%- endmacro %}

{% macro default__chaikin_oscillator(high, low, close, volume, fast, slow) %}
    {% do indicators.stop_here('chaikin_oscillator') %}
{% endmacro %}
