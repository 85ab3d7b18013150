{#
The sum of the last `period` values; NULL until there are so many, and while one of
them is NULL. One step a row, whatever the period.
#}
{% macro rolling_sum(column, period) %}
    {%- do indicators.check_columns('rolling_sum', {'column': column}) -%}
    {%- do indicators.check_period('rolling_sum', 'period', period) -%}
    {{ indicators.when_full(
        column, period, indicators.sum_of_last(column, period)
    ) }}
{%- endmacro %}

{# The bare sum, full window or not. #}
{% macro sum_of_last(column, period) -%}
    {{- adapter.dispatch('sum_of_last', 'indicators')(column, period) -}}
{%- endmacro %}

{% macro default__sum_of_last(column, period) -%}
    sum({{ column }}) over {{ indicators.last_bars(period) }}
{%- endmacro %}

{% macro postgres__sum_of_last(column, period) -%}
    {{ indicators.function('rolling_sum') }}({{ column }})
    over {{ indicators.last_bars(period) }}
{%- endmacro %}
