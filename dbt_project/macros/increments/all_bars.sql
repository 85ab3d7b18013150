{#
All bars, for a full build. A walk takes along all columns it is given, so where
there is one it is given those that indicators read.
#}
{% macro all_bars() %}
    {{- adapter.dispatch('all_bars', 'desk')() -}}
{% endmacro %}

{% macro default__all_bars() -%}
    select * from {{ ref('int_bars') }}
{%- endmacro %}

{% macro spark__all_bars() %}
    {{ return(duckdb__all_bars()) }}
{% endmacro %}

{% macro duckdb__all_bars() -%}
    select symbol, bar_date, bar_number, open, high, low, close, volume
    from {{ ref('int_bars') }}
    where {{ in_part('symbol') }}
{%- endmacro %}
