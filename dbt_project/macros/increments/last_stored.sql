{#
Each changed symbol's stored row of its last unchanged bar, with the columns named;
no rows in a full build.
#}
{% macro last_stored(columns) %}
    {%- set symbols = changed_symbols() -%}
    {%- if not is_increment() -%}
    select
        cast(null as text) as symbol
        {%- for column in columns %},
        cast(null as double precision) as {{ column }}
        {%- endfor %}

    where false
    {%- else -%}
    select
        changes.symbol
        {%- for column in columns %},
        stored.{{ column }}
        {%- endfor %}

    from {{ symbols }} as changes
    cross join lateral (
        select *

        from {{ this }}
        where
            symbol = changes.symbol
            and bar_date = changes.previous_bar_date
        offset 0
    ) as stored
    {%- endif -%}
{% endmacro %}
