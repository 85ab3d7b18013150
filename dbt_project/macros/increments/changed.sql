{#
A relation's rows that an increment has to look at: in a full build all; otherwise
those of changed symbols whose `date_column` lies after the last unchanged bar, and
with `and_previous` that bar itself.
#}
{% macro changed(relation, date_column, and_previous=false) %}
    {%- set symbols = changed_symbols() -%}
    {%- if is_increment() -%}
    {{ changed_rows(relation, symbols, date_column, and_previous) }}
    {%- else -%}
    select * from {{ relation }}
    where {{ in_part('symbol') }}
    {%- endif -%}
{% endmacro %}

{#
The rows of the symbols, each from its change on. `offset 0` keeps Postgres from
joining the whole relation: it would expect a third of a symbol's rows after any date.
#}
{% macro changed_rows(relation, symbols, date_column, and_previous=false) -%}
    select rows_of_symbol.*

    from {{ symbols }} as changes
    cross join lateral (
        select *

        from {{ relation }}
        where
            symbol = changes.symbol
            and {{ date_column }}
            {{ '>=' if and_previous else '>' }} changes.previous_bar_date
        offset 0
    ) as rows_of_symbol
{%- endmacro %}
