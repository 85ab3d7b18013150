{#
Whether the database has the timescaledb extension; not while dbt parses.
#}
{% macro has_timescaledb() %}
    {{ return(adapter.dispatch('has_timescaledb', 'desk')()) }}
{% endmacro %}

{% macro postgres__has_timescaledb() %}
    {%- if execute -%}
        {%- set found = run_query(
            "select count(*) from pg_extension where extname = 'timescaledb'"
        ) -%}
        {{ return(found.rows[0][0] > 0) }}
    {%- endif -%}
    {{ return(false) }}
{% endmacro %}

{% macro default__has_timescaledb() %}
    {{ return(false) }}
{% endmacro %}
