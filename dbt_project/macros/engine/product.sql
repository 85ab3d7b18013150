{#
The values multiplied, exactly as written: exp(sum(ln())) would turn 2 * 2 into
something beside 4. NULLs are skipped. `order_by` fixes the order of rounding
when it is used as a plain aggregate; `so_far` names a window over the rows so far, in
which they are multiplied one after the other.
#}
{% macro product(column, order_by=none, so_far=none) %}
    {{- adapter.dispatch('product', 'desk')(column, order_by, so_far) -}}
{% endmacro %}

{% macro postgres__product(column, order_by, so_far) -%}
    intermediate.product({{ column }}{% if order_by %} order by {{ order_by }}{% endif %})
    {%- if so_far %} over {{ so_far }}{% endif %}
{%- endmacro %}

{# Spark has none; lists leave NULLs out. #}
{% macro spark__product(column, order_by, so_far) -%}
    aggregate(
        {%- if order_by %}
        transform(
            sort_array(collect_list(
                case when {{ column }} is not null
                    then struct({{ order_by }}, {{ column }} as multiplied)
                end
            )),
            listed -> listed.multiplied
        ),
        {%- else %}
        collect_list({{ column }}){% if so_far %} over {{ so_far }}{% endif %},
        {%- endif %}
        cast(1 as double),
        (total, factor) -> total * factor
    )
{%- endmacro %}

{#
DuckDB's product over a window multiplies in an order that differs from row to row, and
its last digits with it: a price that stands still would seem to move, and ties between
an up and a down move would break. So a window's values are listed, then multiplied.
#}
{% macro duckdb__product(column, order_by, so_far) -%}
    {%- if so_far -%}
    coalesce(list_product(
        list({{ column }}) filter (where {{ column }} is not null) over {{ so_far }}
    ), 1)
    {%- else -%}
    product(coalesce({{ column }}, 1){% if order_by %} order by {{ order_by }}{% endif %})
    {%- endif -%}
{%- endmacro %}
