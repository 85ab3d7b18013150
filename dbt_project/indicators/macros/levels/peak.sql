{#
Peak: the highest value so far.

A NULL is passed over: its bar has the peak before it; NULL until there is a value.
`resume`: a column that is NULL but on one row, where it is the stored peak; the rows
after it go on from there.
#}
{% macro peak(column, resume=none) %}
    {%- do indicators.check_columns('peak', {'column': column}) -%}
    {%- do indicators.check_resume('peak', resume) -%}
    {{- adapter.dispatch('peak', 'indicators')(column, resume) -}}
{% endmacro %}

{% macro default__peak(column, resume) -%}
    {%- if resume -%}
        {{ indicators.function('running_max') }}({{ column }}, {{ resume }})
        over {{ indicators.bars_so_far() }}
    {%- else -%}
        max({{ column }}) over {{ indicators.bars_so_far() }}
    {%- endif -%}
{%- endmacro %}

{# DuckDB looks for the highest so far anew on each row. #}
{% macro duckdb__peak(column, resume) -%}
    {%- set name = indicators.walk_name('peak', column) -%}
    {%- set parts = indicators.walk_parts(name, ['highest']) -%}
    {%- set walk = indicators.note_walk(name, [column], {
        'highest': ['null', 'greatest(' ~ parts.highest ~ ', ' ~ column ~ ')'],
    }) -%}
    {{ walk.highest }}
{%- endmacro %}
