{#
The incremental strategy replace_tail: of each changed symbol, the rows after its
last unchanged bar are deleted and the new ones inserted. The unique key is symbol,
or symbol and a date first.

No merge: rows whose bars are gone must go too.
#}
{% macro get_incremental_replace_tail_sql(arguments) %}
    {%- set key = arguments.unique_key -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- if has_timescaledb() %}
    {#- A hypertable's rows have no ctid of their own: each chunk counts anew. #}
    delete from {{ arguments.target_relation }} as stored
    using {{ ref('int_changed_symbols') }} as changes
    where
        stored.symbol = changes.symbol
        {%- if key is not string %}
        and stored.{{ key[1] }} > changes.previous_bar_date
        {%- endif %};
    {%- else %}
    delete from {{ arguments.target_relation }}
    where ctid = any(array(
        select gone.tid

        from {{ ref('int_changed_symbols') }} as changes
        cross join lateral (
            select ctid as tid

            from {{ arguments.target_relation }}
            where
                symbol = changes.symbol
                {%- if key is not string %}
                and {{ key[1] }} > changes.previous_bar_date
                {%- endif %}
            offset 0
        ) as gone
    ));
    {%- endif %}

    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{% endmacro %}
