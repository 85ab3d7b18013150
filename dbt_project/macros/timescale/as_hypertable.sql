{#
Post-hook: where TimescaleDB is, an incremental model of one row per symbol and session
is a hypertable of one-year chunks, like raw.raw_prices. A full refresh makes a plain
table, so it is made one again; one that is already is left alone.
#}
{% macro as_hypertable() %}
    {%- if
        model.config.materialized == 'incremental'
        and model.config.unique_key == ['symbol', 'bar_date']
        and has_timescaledb()
    -%}
    select create_hypertable(
        '{{ this.schema }}.{{ this.identifier }}',
        'bar_date',
        chunk_time_interval => interval '1 year',
        create_default_indexes => false,
        if_not_exists => true,
        migrate_data => true
    )
    {%- endif -%}
{% endmacro %}
