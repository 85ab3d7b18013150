{#
An expression over the last `period` bars, NULL until the window is full and while
one of its values is NULL. `columns`: the column that the window reads, or a list of
them. Of columns that are never NULL (the variable `not_null`) the bar's own number
says it; others are counted.
#}
{% macro when_full(columns, period, expression) -%}
    {%- set columns = [columns] if columns is string else columns -%}
    {%- set number = indicators.variable('number', none) -%}
    {%- set may_be_null = columns
        | reject('in', indicators.variable('not_null', [])) | list -%}
    case
        when
            {%- if number and not may_be_null %}
            {{ number }} >= {{ period }}
            {%- else %}
            count({{ columns | join(' + ') }})
            over {{ indicators.last_bars(period) }} = {{ period }}
            {%- endif %}
            then {{ expression }}
    end
{%- endmacro %}
