{# The name of one of the package's functions, with its schema. #}
{% macro function(name) -%}
    {{ indicators.functions_schema() }}.{{ name }}
{%- endmacro %}

{# The schema they live in, in quotes as dbt has its own: any name is a schema's. #}
{% macro functions_schema() -%}
    {{ adapter.quote(indicators.variable('schema', target.schema)) }}
{%- endmacro %}
