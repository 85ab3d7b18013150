{#
After a strategy is built: stops the build if it would buy and sell on one bar, with
its file and the first such bars. The table goes with the transaction.
#}
{% macro stop_if_both_sides() %}
    {{- adapter.dispatch('stop_if_both_sides', 'desk')() -}}
{% endmacro %}

{% macro postgres__stop_if_both_sides() %}
do $do$
declare
    found text;
begin
    select string_agg(symbol || ' on ' || bar_date, ', ' order by bar_date, symbol)
    into found
    from (
        select symbol, bar_date from {{ this }} where side = 'both'
        order by bar_date, symbol limit 3
    ) as bars;
    if found is not null then
        raise exception '%: buys and sells on one bar: %',
            '{{ model.original_file_path }}', found;
    end if;
end
$do$
{% endmacro %}

{% macro duckdb__stop_if_both_sides() %}
select
    error(
        '{{ model.original_file_path }}: buys and sells on one bar: '
        || string_agg(symbol || ' on ' || bar_date, ', ' order by bar_date, symbol)
    )

from (
    select symbol, bar_date from {{ this }} where side = 'both'
    order by bar_date, symbol limit 3
) as bars
having count(*) > 0
{% endmacro %}

{# A query in a hook is planned there and not run. #}
{% macro spark__stop_if_both_sides() %}
    {%- if execute -%}
        {%- set found = run_query(
            "select symbol || ' on ' || bar_date from " ~ this
            ~ " where side = 'both' order by bar_date, symbol limit 3"
        ).columns[0].values() -%}
        {%- if found -%}
            {%- do exceptions.raise_compiler_error(
                model.original_file_path ~ ': buys and sells on one bar: '
                ~ found | join(', ')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}
