-- What the doctor asks the database; read with the reader's rights.

-- name: server()^
select
    current_setting('server_version') as version,
    extract(epoch from clock_timestamp())::double precision as seconds,
    (
        select installed_version
        from pg_available_extensions
        where name = 'timescaledb'
    ) as timescaledb,
    exists (
        select from pg_available_extensions where name = 'timescaledb'
    ) as has_timescaledb,
    to_regclass('marts.signals') is not null as is_built;

-- name: last_load()^
select
    outcome,
    gate_outcome,
    error
from raw.ingest_runs
where outcome <> 'running'
order by started_at desc
limit 1;

-- name: last_bar(session)$
select max(bar_date) from raw.raw_prices where bar_date <= :session;

-- name: has_bars_of(session)$
-- Whether the models were built on the bars of a session.
select exists (select from marts.bars where bar_date = :session);

-- name: waiting_changes()$
select count(*) from raw.bar_changes;

-- name: open_marks()$
select count(distinct symbol) from raw.symbol_marks where cleared_at is null;
