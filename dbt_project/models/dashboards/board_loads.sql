with

ingest_runs as (

    select * from {{ source('raw', 'ingest_runs') }}

),

counted as (

    select
        started_at,
        source,
        cast(cardinality(symbols) as bigint) as symbols,
        window_end as last_session,
        rows_received,
        rows_new,
        rows_changed,
        rows_same,
        rows_rejected,
        gate_outcome as gate,
        outcome,
        cast(
            extract(epoch from finished_at - started_at) as double precision
        ) as seconds,
        coalesce(error, '') as error

    from ingest_runs

)

select * from counted
