{#
JSON: its type, and how a document is made, from objects, of names and values in turn,
and arrays. These are wrapped around what they hold:

    call json_object() … endcall

Spark has no such type: its objects are structs, and a document their text.
#}
{% macro json_type() %}
    {{- adapter.dispatch('json_type', 'desk')() -}}
{% endmacro %}

{% macro postgres__json_type() %}jsonb{% endmacro %}

{% macro duckdb__json_type() %}json{% endmacro %}

{% macro spark__json_type() %}string{% endmacro %}

{% macro json_object() %}
    {{- adapter.dispatch('json_object', 'desk')(caller()) -}}
{% endmacro %}

{% macro postgres__json_object(content) -%} jsonb_build_object({{ content }}) {%- endmacro %}

{% macro duckdb__json_object(content) -%} json_object({{ content }}) {%- endmacro %}

{% macro spark__json_object(content) -%} named_struct({{ content }}) {%- endmacro %}

{% macro json_array() %}
    {{- adapter.dispatch('json_array', 'desk')(caller()) -}}
{% endmacro %}

{% macro postgres__json_array(content) -%} jsonb_build_array({{ content }}) {%- endmacro %}

{% macro duckdb__json_array(content) -%} json_array({{ content }}) {%- endmacro %}

{% macro spark__json_array(content) -%} array({{ content }}) {%- endmacro %}

{# A value of Jinja's, as a document or a part of one. #}
{% macro json_literal(value) %}
    {{- adapter.dispatch('json_literal', 'desk')(value | tojson) -}}
{% endmacro %}

{% macro default__json_literal(text) -%}
    cast('{{ text }}' as {{ json_type() }})
{%- endmacro %}

{% macro spark__json_literal(text) -%}
    from_json('{{ text }}', schema_of_json('{{ text }}'))
{%- endmacro %}

{# An object as a whole document. #}
{% macro json_document() %}
    {{- adapter.dispatch('json_document', 'desk')(caller()) -}}
{% endmacro %}

{% macro default__json_document(content) -%} {{ content }} {%- endmacro %}

{% macro spark__json_document(content) -%}
    to_json({{ content }}, map('ignoreNullFields', 'false'))
{%- endmacro %}

{# A document's value of that name, as text. #}
{% macro json_text(document, name) %}
    {{- adapter.dispatch('json_text', 'desk')(document, name) -}}
{% endmacro %}

{% macro default__json_text(document, name) -%} {{ document }} ->> '{{ name }}' {%- endmacro %}

{% macro spark__json_text(document, name) -%}
    get_json_object({{ document }}, '$.{{ name }}')
{%- endmacro %}
