{#
All bars, for a full build. A walk takes along all columns it is given, so where
there is one it is given `prices` only.
#}
{% macro all_bars(prices) %}
    {{- adapter.dispatch('all_bars', 'desk')(prices) -}}
{% endmacro %}

{% macro default__all_bars(prices) -%}
    select * from {{ ref('int_bars') }}
{%- endmacro %}

{% macro spark__all_bars(prices) %}
    {{ return(duckdb__all_bars(prices)) }}
{% endmacro %}

{% macro duckdb__all_bars(prices) -%}
    select symbol, bar_date, bar_number, {{ prices | join(', ') }}
    from {{ ref('int_bars') }}
    where {{ in_part('symbol') }}
{%- endmacro %}
