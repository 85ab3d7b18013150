{#
The lowest of the last `period` values; NULL until there are so many, and while one of
them is NULL.
#}
{% macro rolling_min(column, period) %}
    {%- do indicators.check_columns('rolling_min', {'column': column}) -%}
    {%- do indicators.check_period('rolling_min', 'period', period) -%}
    {{ indicators.when_full(
        column, period, indicators.min_of_last(column, period)
    ) }}
{%- endmacro %}

{# The bare extreme, full window or not. #}
{% macro min_of_last(column, period) -%}
    {{- adapter.dispatch('min_of_last', 'indicators')(column, period) -}}
{%- endmacro %}

{% macro default__min_of_last(column, period) -%}
    min({{ column }}) over {{ indicators.last_bars(period) }}
{%- endmacro %}

{% macro postgres__min_of_last(column, period) -%}
    {{ indicators.function('rolling_min') }}({{ column }})
    over {{ indicators.last_bars(period) }}
{%- endmacro %}
