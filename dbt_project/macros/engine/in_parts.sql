{#
Whether a symbol belongs to the part that is being built: always, where a model is built
at once. On DuckDB, windows over more rows than fit into memory fail or crawl, so that
a model with meta: bars_at_once is built symbols by symbols: it, or the views it reads,
keep to the part with this.
#}
{% macro in_part(symbol) %}
    {{- adapter.dispatch('in_part', 'desk')(symbol) -}}
{% endmacro %}

{% macro default__in_part(symbol) -%}
    true
{%- endmacro %}

{% macro duckdb__in_part(symbol) -%}
    hash({{ symbol }}) % coalesce(getvariable('parts'), 1)
    = coalesce(getvariable('part'), 0)
{%- endmacro %}

{# In place of dbt-duckdb's own: a table in as many parts as int_bars' length asks for. #}
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
    {%- set counted = run_query('select count(*) from intermediate.int_bars') -%}
    {%- set parts = 1 + counted.columns[0].values()[0] // (bars_at_once | int) -%}
    set variable parts = {{ parts }};
    {%- for part in range(parts) %}
    set variable part = {{ part }};
    {{ 'insert into' if part else 'create table' }}
    {{ relation }} {{ '' if part else 'as' }} (
        {{ compiled_code }}
    );
    {%- endfor %}
    reset variable part;
    reset variable parts;
{% endmacro %}
