{#
In an aggregate: the order its values are added up in, so that a second build gives the
same digits. Spark adds up as the rows arrive.
#}
{% macro in_order(columns) %}
    {{- adapter.dispatch('in_order', 'desk')(columns) -}}
{% endmacro %}

{% macro default__in_order(columns) -%}
    order by {{ columns }}
{%- endmacro %}

{% macro spark__in_order(columns) %}{% endmacro %}

{# The value on the last row by `column`, in a group that has `rows` of them. #}
{% macro last_by(value, column, rows) %}
    {{- adapter.dispatch('last_by', 'desk')(value, column, rows) -}}
{% endmacro %}

{% macro default__last_by(value, column, rows) -%}
    (array_agg({{ value }} order by {{ column }}))[{{ rows }}]
{%- endmacro %}

{% macro spark__last_by(value, column, rows) -%}
    max_by({{ value }}, {{ column }})
{%- endmacro %}
