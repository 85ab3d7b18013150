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
