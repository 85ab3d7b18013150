{#
The state of the supertrend at each bar, an array (see create_supertrend_bands);
supertrend and supertrend_direction read it, and Postgres computes it once for both.
#}
{% macro supertrend_bands(high, low, close, period, multiple) %}
    {{- adapter.dispatch('supertrend_bands', 'indicators')(
        high, low, close, period, multiple
    ) -}}
{% endmacro %}

{% macro postgres__supertrend_bands(high, low, close, period, multiple) -%}
    ({{ indicators.function('supertrend_bands') }}(
        {{ high }}, {{ low }}, {{ close }}, {{ period }}, {{ multiple }}
    ) over {{ indicators.bars_so_far() }})
{%- endmacro %}

{% macro default__supertrend_bands(high, low, close, period, multiple) %}
    {% do indicators.stop_here('supertrend_bands') %}
{% endmacro %}

{# A value read from the state: NULL on the first bars and where a price is NULL. #}
{% macro when_supertrend_is_warm(high, low, close, state, period, value) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and {{ state }}[1] > {{ period }}
            then {{ value }}
    end
{%- endmacro %}

{# Checks what supertrend and supertrend_direction are given. #}
{% macro check_supertrend(macro_name, high, low, close, period, multiple) %}
    {% do indicators.check_columns(
        macro_name, {'high': high, 'low': low, 'close': close}
    ) %}
    {% do indicators.check_period(macro_name, 'period', period) %}
    {% do indicators.check_number(macro_name, 'multiple', multiple) %}
{% endmacro %}
