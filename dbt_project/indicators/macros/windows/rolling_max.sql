{#
The highest of the last `period` values; NULL until there are so many, and while one of
them is NULL.
#}
{% macro rolling_max(column, period) %}
    {%- do indicators.check_columns('rolling_max', {'column': column}) -%}
    {%- do indicators.check_period('rolling_max', 'period', period) -%}
    {{ indicators.when_full(
        column, period, indicators.max_of_last(column, period)
    ) }}
{%- endmacro %}

{# The bare extreme, full window or not. #}
{% macro max_of_last(column, period) -%}
    {{- adapter.dispatch('max_of_last', 'indicators')(column, period) -}}
{%- endmacro %}

{% macro default__max_of_last(column, period) -%}
    max({{ column }}) over {{ indicators.last_bars(period) }}
{%- endmacro %}

{% macro postgres__max_of_last(column, period) -%}
    {{ indicators.function('rolling_max') }}({{ column }})
    over {{ indicators.last_bars(period) }}
{%- endmacro %}
