{# A setting of the package: the project's `vars: indicators:` or its default. #}
{% macro variable(name, default) %}
    {{ return(var('indicators', {}).get(name, default)) }}
{% endmacro %}
