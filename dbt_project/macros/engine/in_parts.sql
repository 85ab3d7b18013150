{#
Whether a symbol belongs to the part that is being built: always, where a model is built
at once. On DuckDB, windows over more rows than fit into memory fail or crawl, so that
a model with meta: bars_at_once is built symbols by symbols: it, or the views it reads,
keep to the part with this. A part is a range of symbols, and int_bars is built that
way too, so that the next model's part finds its bars together.
#}
{% macro in_part(symbol) %}
    {{- adapter.dispatch('in_part', 'desk')(symbol) -}}
{% endmacro %}

{% macro default__in_part(symbol) -%}
    true
{%- endmacro %}

{% macro duckdb__in_part(symbol) -%}
    {{ symbol }} > coalesce(getvariable('part_after'), '')
    and {{ symbol }} <= coalesce(getvariable('part_until'), chr(1114111))
{%- endmacro %}

{# In place of dbt-duckdb's own: a table in as many parts as the number of bars asks for. #}
{% macro duckdb__create_table_as(
    temporary, relation, compiled_code, language='sql', partitioned_by=none,
    sorted_by=none
) %}
    {%- set bars_at_once = (config.get('meta') or {}).get('bars_at_once') -%}
    {%- if temporary or not bars_at_once -%}
        {{ return(dbt.duckdb__create_table_as(
            temporary, relation, compiled_code, language, partitioned_by, sorted_by
        )) }}
    {%- endif -%}
    {%- set until = run_query(last_symbols_of_parts(bars_at_once)).columns[0].values() -%}
    {%- for symbol in until or [''] %}
    {{ set_or_reset('part_after', none if loop.first else loop.previtem) }}
    {{ set_or_reset('part_until', none if loop.last else symbol) }}
    {{ 'create table' if loop.first else 'insert into' }}
    {{ relation }} {{ 'as' if loop.first }} (
        {{ compiled_code }}
    );
    {%- endfor %}
    {{ set_or_reset('part_after', none) }}
{% endmacro %}

{% macro set_or_reset(variable, value) -%}
    {%- if value is none -%} reset variable {{ variable }};
    {%- else -%} set variable {{ variable }} = '{{ value | replace("'", "''") }}';
    {%- endif -%}
{%- endmacro %}

{# The last symbol of each part, in their order; parts have about as many bars each. #}
{% macro last_symbols_of_parts(bars_at_once) %}
    select max(symbol)
    from (
        select
            symbol,
            sum(bars) over (order by symbol) / sum(bars) over () as share,
            ceil(sum(bars) over () / {{ bars_at_once }}) as parts
        from (
            select
                symbol,
                count(*) as bars
            from {{ 'staging.stg_prices' if model.name == 'int_bars'
                else 'intermediate.int_bars' }}
            group by symbol
        )
    )
    group by ceil(share * parts)
    order by 1
{% endmacro %}
