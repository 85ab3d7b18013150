{#
Money flow volume: the bar's volume times where it closed in its range, all of it at
the high, minus all of it at the low. An expression for sums over it.

    ((close - low) - (high - close)) / (high - low) * volume

0 when the bar has no range, as in TA-Lib; NULL where a column is.
#}
{% macro money_flow_volume(high, low, close, volume) -%}
    {%- do indicators.check_columns('money_flow_volume', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    case
        when {{ high }} > {{ low }}
            then (({{ close }} - {{ low }}) - ({{ high }} - {{ close }}))
            / cast({{ high }} - {{ low }} as double precision) * {{ volume }}
        when {{ high }} <= {{ low }} then 0 * {{ close }} * {{ volume }}
    end
{%- endmacro %}
