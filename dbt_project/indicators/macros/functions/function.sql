{# The name of one of the package's functions, with its schema. #}
{% macro function(name) -%}
    {{ indicators.variable('schema', target.schema) }}.{{ name }}
{%- endmacro %}
