-- The run row of a load.

-- name: hold_lock(key)$
-- The lock of loads belongs to the connection, so it ends with the process.
select pg_advisory_lock(:key);

-- name: bury_dead_runs()!
-- Under the lock no other load is running: one that says so has died.
update raw.ingest_runs
set
    outcome = 'died',
    finished_at = clock_timestamp()
where outcome = 'running';

-- name: start_run(run_id, source, symbols, window_start, window_end, known_at)!
insert into raw.ingest_runs (
    run_id, source, symbols, window_start, window_end, known_at, started_at
)
values (
    :run_id, :source, :symbols, :window_start, :window_end, :known_at,
    clock_timestamp()
);

-- name: hold_run(run_id)$
-- Until the transaction ends. Chunks of a run are merged one at a time, whoever merges
-- them, and none once it has ended or was found dead.
select true
from raw.ingest_runs
where
    run_id = :run_id
    and outcome = 'running'
for no key update;

-- name: allow_restating()$
-- Until the transaction ends: without it TimescaleDB refuses a correction that has
-- to decompress more than 100,000 bars. Elsewhere nothing happens.
select set_config(
    'timescaledb.max_tuples_decompressed_per_dml_transaction', '0', true
)
from pg_extension
where extname = 'timescaledb';

-- name: count_chunk(run_id, rows_received, rows_new, rows_outside, earliest_date, actions_received, failures)!
-- What became of each row of a chunk, added to its run in the chunk's own
-- transaction; the table refuses a run that lost a row.
with

bars as (

    select
        count(*) filter (where fate = 'changed') as changed,
        count(*) filter (where fate = 'same') as same,
        count(*) filter (where fate = 'rejected') as rejected
    from judged_bars

),

earliest_bar as (

    select min(received_bars.bar_date) as bar_date
    from received_bars
    left join judged_bars on received_bars.ctid = judged_bars.received_row
    where judged_bars.fate is null or judged_bars.fate = 'changed'

),

actions as (

    select
        count(*) filter (where fate = 'new') as new,
        count(*) filter (where fate = 'changed') as changed,
        count(*) filter (where fate = 'same') as same,
        count(*) filter (where fate = 'rejected') as rejected,
        min(ex_date) filter (where fate in ('new', 'changed')) as earliest_date
    from judged_actions

)

update raw.ingest_runs
set
    rows_received = ingest_runs.rows_received + :rows_received,
    rows_new = ingest_runs.rows_new + :rows_new,
    rows_outside = ingest_runs.rows_outside + :rows_outside,
    rows_changed = ingest_runs.rows_changed + bars.changed,
    rows_same = ingest_runs.rows_same + bars.same,
    rows_rejected = ingest_runs.rows_rejected + bars.rejected,
    actions_received = ingest_runs.actions_received + :actions_received,
    actions_new = ingest_runs.actions_new + actions.new,
    actions_changed = ingest_runs.actions_changed + actions.changed,
    actions_same = ingest_runs.actions_same + actions.same,
    actions_rejected = ingest_runs.actions_rejected + actions.rejected,
    failed_symbols = ingest_runs.failed_symbols || :failures,
    earliest_change_date = least(
        ingest_runs.earliest_change_date,
        :earliest_date::date,
        earliest_bar.bar_date,
        actions.earliest_date
    )
from bars, earliest_bar, actions
where ingest_runs.run_id = :run_id;

-- name: remember_symbols(source, symbols, currencies, since, run_id)!
-- The currencies that the source told, as an object by symbol.
insert into raw.loaded_symbols as stored (
    source, symbol, currency, since_date, run_id
)
select
    :source,
    loaded.symbol,
    :currencies::jsonb ->> loaded.symbol,
    :since,
    :run_id
from unnest(:symbols::text[]) as loaded (symbol)
on conflict (source, symbol) do update
set
    since_date = least(stored.since_date, excluded.since_date),
    currency = coalesce(excluded.currency, stored.currency),
    run_id = excluded.run_id;

-- name: mark_done(run_id, symbols)!
-- In the transaction that merged them: nobody asks for them again.
delete from raw.load_windows
where
    run_id = :run_id
    and symbol = any(:symbols);

-- name: failures(run_id)$
select failed_symbols from raw.ingest_runs where run_id = :run_id;

-- name: finish_run(run_id)^
-- What was left to go on from is done: the next load asks for every symbol again.
with

gone_on as (

    update raw.loaded_symbols
    set run_id = this_run.run_id
    from raw.ingest_runs as this_run, raw.ingest_runs as unfinished
    where
        this_run.run_id = :run_id
        and loaded_symbols.source = this_run.source
        and loaded_symbols.run_id = unfinished.run_id
        and unfinished.outcome in ('died', 'failed')

)

update raw.ingest_runs
set
    outcome = 'succeeded',
    finished_at = clock_timestamp()
where run_id = :run_id
returning
    run_id,
    source,
    symbols,
    window_start,
    window_end,
    rows_received,
    rows_new,
    rows_changed,
    rows_same,
    rows_rejected,
    rows_outside,
    actions_received,
    actions_new,
    actions_changed,
    actions_same,
    actions_rejected,
    failed_symbols,
    earliest_change_date;

-- name: fail_run(run_id, error)!
update raw.ingest_runs
set
    outcome = 'failed',
    error = :error,
    finished_at = clock_timestamp()
where run_id = :run_id;
