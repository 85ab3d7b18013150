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

{#
The percentile `share` of a sorted list of numbers, linear between neighbours. The list
is without its `zeros` zeros, or some of them; with them it has `length` values, of
which the first `negatives` are below 0.
#}
{% macro percentile_with_zeros(share, values, length, negatives, zeros) -%}
    {%- set place = share ~ ' * (' ~ length ~ ' - 1)' -%}
    {%- set lower = value_with_zeros(values, negatives, zeros, 'floor(' ~ place ~ ')') -%}
    {%- set upper = value_with_zeros(values, negatives, zeros, 'ceil(' ~ place ~ ')') -%}
    {{ lower }} + ({{ place }} - floor({{ place }})) * ({{ upper }} - {{ lower }})
{%- endmacro %}

{# The value at a place of that list with its zeros; the first place is 0. #}
{% macro value_with_zeros(values, negatives, zeros, place) -%}
    case
        when {{ place }} < {{ negatives }} then {{ list_value(values, place ~ ' + 1') }}
        when {{ place }} < {{ negatives }} + {{ zeros }} then 0
        else {{ list_value(values, place ~ ' + 1 - (' ~ zeros ~ ')') }}
    end
{%- endmacro %}

{# The mean of the lowest `many` of such a list. #}
{% macro mean_of_lowest_with_zeros(many, values, negatives, zeros) -%}
    {%- set lowest -%}
        case
            when {{ many }} <= {{ negatives }} then {{ many }}
            else greatest({{ negatives }}, {{ many }} - ({{ zeros }}))
        end
    {%- endset -%}
    coalesce({{ sum_of_first(values, lowest) }}, 0) / nullif({{ many }}, 0)
{%- endmacro %}

{# A list's value at a place; the first is 1. #}
{% macro list_value(values, place) %}
    {{- adapter.dispatch('list_value', 'desk')(values, place) -}}
{% endmacro %}

{% macro default__list_value(values, place) -%}
    ({{ values }})[cast({{ place }} as int)]
{%- endmacro %}

{% macro spark__list_value(values, place) -%}
    element_at({{ values }}, cast({{ place }} as int))
{%- endmacro %}

{# The sum of a list's first `many` values, added in their order. #}
{% macro sum_of_first(values, many) %}
    {{- adapter.dispatch('sum_of_first', 'desk')(values, many) -}}
{% endmacro %}

{% macro postgres__sum_of_first(values, many) -%}
    (
        select sum(value order by place)
        from unnest(({{ values }})[1:cast({{ many }} as int)])
            with ordinality as listed (value, place)
    )
{%- endmacro %}

{% macro duckdb__sum_of_first(values, many) -%}
    list_sum(({{ values }})[1:cast({{ many }} as int)])
{%- endmacro %}

{% macro spark__sum_of_first(values, many) -%}
    aggregate(
        slice({{ values }}, 1, cast({{ many }} as int)),
        cast(0 as double),
        (total, value) -> total + value
    )
{%- endmacro %}

{# The whole numbers from `first` to `last`, one a row: a column of a select. #}
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
