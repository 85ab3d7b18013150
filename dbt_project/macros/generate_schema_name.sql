{#
Schemas are called as configured (staging, intermediate, marts), without dbt's
usual prefix: a database holds one desk.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
