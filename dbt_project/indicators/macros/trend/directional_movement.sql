{#
The state of Wilder's directional movement system at each bar, an array (see
create_directional_movement); adx, plus_di, minus_di and dx read it, and Postgres
computes it once for all of them. `resume`: an array column with the stored elements
5 to 9, NULL elsewhere.
#}
{% macro directional_movement(high, low, close, period, resume=none) %}
    {{- adapter.dispatch('directional_movement', 'indicators')(
        high, low, close, period, resume
    ) -}}
{% endmacro %}

{% macro postgres__directional_movement(high, low, close, period, resume) -%}
    ({{ indicators.function('directional_movement') }}(
        {{ high }}, {{ low }}, {{ close }}, {{ period }}
        {%- if resume %}, {{ resume }}{% endif %}
    ) over {{ indicators.bars_so_far() }})
{%- endmacro %}

{% macro default__directional_movement(high, low, close, period, resume) %}
    {% do indicators.stop_here('directional_movement') %}
{% endmacro %}

{# Checks what adx, plus_di, minus_di and dx are given. #}
{% macro check_directional_movement(macro_name, high, low, close, period) %}
    {% do indicators.check_columns(
        macro_name, {'high': high, 'low': low, 'close': close}
    ) %}
    {% do indicators.check_period(macro_name, 'period', period, at_least=2) %}
{% endmacro %}
