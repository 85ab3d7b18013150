{# A list of `length` values without its last `fewer`. #}
{% macro first_of_list(values, length, fewer) %}
    {{- adapter.dispatch('first_of_list', 'desk')(values, length, fewer) -}}
{% endmacro %}

{% macro postgres__first_of_list(values, length, fewer) -%}
    trim_array({{ values }}, {{ fewer }})
{%- endmacro %}

{% macro duckdb__first_of_list(values, length, fewer) -%}
    ({{ values }})[1:{{ length }} - {{ fewer }}]
{%- endmacro %}

{% macro spark__first_of_list(values, length, fewer) -%}
    slice({{ values }}, 1, cast({{ length }} as int) - {{ fewer }})
{%- endmacro %}

{# An aggregate's values but NULL, the lowest first. #}
{% macro sorted_list(column) %}
    {{- adapter.dispatch('sorted_list', 'desk')(column) -}}
{% endmacro %}

{% macro default__sorted_list(column) -%}
    array_agg({{ column }} order by {{ column }})
    filter (where {{ column }} is not null)
{%- endmacro %}

{% macro spark__sorted_list(column) -%}
    sort_array(collect_list({{ column }}))
{%- endmacro %}

{# The mean of a list's values, added in their order. #}
{% macro mean_of_list(values) %}
    {{- adapter.dispatch('mean_of_list', 'desk')(values) -}}
{% endmacro %}

{% macro postgres__mean_of_list(values) -%}
    (
        select avg(value order by place)
        from unnest({{ values }}) with ordinality as listed (value, place)
    )
{%- endmacro %}

{% macro duckdb__mean_of_list(values) -%}
    list_avg({{ values }})
{%- endmacro %}

{% macro spark__mean_of_list(values) -%}
    aggregate({{ values }}, cast(0 as double), (total, value) -> total + value)
    / nullif(size({{ values }}), 0)
{%- endmacro %}

{# The whole numbers from `first` to `last`, one a row: a function in a lateral join. #}
{% macro every_number(first, last) %}
    {{- adapter.dispatch('every_number', 'desk')(first, last) -}}
{% endmacro %}

{% macro postgres__every_number(first, last) -%}
    generate_series({{ first }}, {{ last }})
{%- endmacro %}

{% macro duckdb__every_number(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{% macro spark__every_number(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}
