{#
An expression over the last `period` bars, NULL until the window is full and while
one of its values is NULL. `columns`: the column that the window reads, or a list of
them.
#}
{% macro when_full(columns, period, expression) -%}
    {%- set columns = [columns] if columns is string else columns -%}
    case
        when count({{ columns | join(' + ') }})
            over {{ indicators.last_bars(period) }} = {{ period }}
            then {{ expression }}
    end
{%- endmacro %}
