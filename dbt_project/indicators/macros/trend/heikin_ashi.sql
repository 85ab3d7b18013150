{#
The heikin-ashi candle of each bar, an lseg (see create_heikin_ashi), NULL where a
price of the bar is NULL; such a bar is passed over.
#}
{% macro heikin_ashi(open, high, low, close) %}
    {{- adapter.dispatch('heikin_ashi', 'indicators')(open, high, low, close) -}}
{% endmacro %}

{% macro postgres__heikin_ashi(open, high, low, close) -%}
    case
        when {{ open }} + {{ high }} + {{ low }} + {{ close }} is not null
            then {{ indicators.function('heikin_ashi') }}(
                {{ open }}, {{ high }}, {{ low }}, {{ close }}
            ) over {{ indicators.bars_so_far() }}
    end
{%- endmacro %}

{% macro default__heikin_ashi(open, high, low, close) %}
    {% do indicators.stop_here('heikin_ashi') %}
{% endmacro %}

{# Checks what the heikin-ashi macros are given. #}
{% macro check_heikin_ashi(macro_name, open, high, low, close) %}
    {% do indicators.check_columns(
        macro_name, {'open': open, 'high': high, 'low': low, 'close': close}
    ) %}
{% endmacro %}
