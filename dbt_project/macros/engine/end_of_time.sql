{#
The dates before and after all others: of what was always so and of what goes on. Spark
has no infinite dates and takes the last ones it can write.
#}
{% macro beginning_of_time() %}
    {{- adapter.dispatch('beginning_of_time', 'desk')() -}}
{% endmacro %}

{% macro default__beginning_of_time() -%}
    cast('-infinity' as date)
{%- endmacro %}

{% macro spark__beginning_of_time() -%}
    date'0001-01-01'
{%- endmacro %}

{% macro end_of_time() %}
    {{- adapter.dispatch('end_of_time', 'desk')() -}}
{% endmacro %}

{% macro default__end_of_time() -%}
    cast('infinity' as date)
{%- endmacro %}

{% macro spark__end_of_time() -%}
    date'9999-12-31'
{%- endmacro %}
