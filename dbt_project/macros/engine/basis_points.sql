{# A variable in basis points as a fraction: 5 is 0.0005. #}
{% macro basis_points(variable) -%}
    cast({{ var(variable) }} as double precision) / 10000
{%- endmacro %}
