{#
The values multiplied, exactly as written: exp(sum(ln())) would turn 2 * 2 into
something beside 4. NULLs are skipped. `order_by` fixes the order of rounding
when it is used as a plain aggregate.
#}
{% macro product(column, order_by=none) %}
    {{- adapter.dispatch('product', 'desk')(column, order_by) -}}
{% endmacro %}

{% macro postgres__product(column, order_by) -%}
    intermediate.product({{ column }}{% if order_by %} order by {{ order_by }}{% endif %})
{%- endmacro %}

{% macro duckdb__product(column, order_by) -%}
    product(coalesce({{ column }}, 1){% if order_by %} order by {{ order_by }}{% endif %})
{%- endmacro %}
