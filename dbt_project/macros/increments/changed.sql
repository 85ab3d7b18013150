{#
A relation's rows that an increment has to look at: in a full build all; otherwise
those of changed symbols whose `date_column` lies after the last unchanged bar, and
with `and_previous` that bar itself.

`offset 0` keeps Postgres from joining the whole relation: it would expect a third of
a symbol's rows after any date.
#}
{% macro changed(relation, date_column, and_previous=false) %}
    {%- set symbols = changed_symbols() -%}
    {%- if not is_increment() -%}
    select * from {{ relation }}
    {%- else -%}
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
    {%- endif -%}
{% endmacro %}
