{# Columns of a row as a JSON object, by name. #}
{% macro as_json(relation, columns) -%}
    jsonb_build_object(
    {%- for column in columns -%}
        '{{ column }}', {{ relation }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%})
{%- endmacro %}
