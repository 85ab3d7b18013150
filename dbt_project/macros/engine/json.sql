{#
The type of a JSON document and the names of the functions that make an object, of
names and values in turn, and an array.
#}
{% macro json_type() %}
    {{- adapter.dispatch('json_type', 'desk')() -}}
{% endmacro %}

{% macro postgres__json_type() %}jsonb{% endmacro %}

{% macro duckdb__json_type() %}json{% endmacro %}

{% macro json_object() %}
    {{- adapter.dispatch('json_object', 'desk')() -}}
{% endmacro %}

{% macro postgres__json_object() %}jsonb_build_object{% endmacro %}

{% macro duckdb__json_object() %}json_object{% endmacro %}

{% macro json_array() %}
    {{- adapter.dispatch('json_array', 'desk')() -}}
{% endmacro %}

{% macro postgres__json_array() %}jsonb_build_array{% endmacro %}

{% macro duckdb__json_array() %}json_array{% endmacro %}
