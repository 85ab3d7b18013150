{# A date as 2013-02-28, whatever the connection's date style. #}
{% macro date_text(column) %}
    {{- adapter.dispatch('date_text', 'desk')(column) -}}
{% endmacro %}

{% macro postgres__date_text(column) -%}
    to_char({{ column }}, 'YYYY-MM-DD')
{%- endmacro %}

{% macro spark__date_text(column) -%}
    cast({{ column }} as string)
{%- endmacro %}

{% macro duckdb__date_text(column) -%}
    strftime({{ column }}, '%Y-%m-%d')
{%- endmacro %}
