-- The run row of a load, and what the load asks its source for.

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

-- name: windows(source, symbols, since, trailing)
-- Where each symbol continues: some sessions before its last bar from this
-- source, or at the start when no earlier load began there.
with

covered as (

    select distinct loaded.symbol
    from raw.ingest_runs
    cross join unnest(ingest_runs.symbols) as loaded (symbol)
    where
        ingest_runs.source = :source
        and ingest_runs.outcome = 'succeeded'
        and ingest_runs.window_start <= :since
        and not ingest_runs.failed_symbols ? loaded.symbol

),

last_bars as (

    select
        covered.symbol,
        last_bar.bar_date
    from covered
    cross join lateral (
        select raw_prices.bar_date
        from raw.raw_prices
        where
            raw_prices.symbol = covered.symbol
            and raw_prices.source = :source
        order by raw_prices.bar_date desc
        limit 1
    ) as last_bar

),

continued as (

    select
        last_bars.symbol,
        (
            select min(latest.session_date)
            from (
                select exchange_sessions.session_date
                from raw.exchange_sessions
                where exchange_sessions.session_date <= last_bars.bar_date
                order by exchange_sessions.session_date desc
                limit :trailing
            ) as latest
        ) as start_date
    from last_bars

)

select
    asked.symbol,
    coalesce(continued.start_date, :since) as start_date
from unnest(:symbols::text[]) with ordinality as asked (symbol, position)
left join continued on asked.symbol = continued.symbol
order by asked.position;

-- name: start_run(run_id, source, symbols, window_start, window_end)!
insert into raw.ingest_runs (
    run_id, source, symbols, window_start, window_end, started_at
)
values (
    :run_id, :source, :symbols, :window_start, :window_end, clock_timestamp()
);

-- name: finish_run(run_id, rows_received, actions_received, failed_symbols)^
-- With what became of each row; the table refuses a run that lost one.
with

bars as (

    select
        count(*) filter (where fate = 'new') as new,
        count(*) filter (where fate = 'changed') as changed,
        count(*) filter (where fate = 'same') as same,
        count(*) filter (where fate = 'rejected') as rejected,
        min(bar_date) filter (where fate in ('new', 'changed')) as earliest_date
    from judged_bars

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
    rows_received = :rows_received,
    rows_new = bars.new,
    rows_changed = bars.changed,
    rows_same = bars.same,
    rows_rejected = bars.rejected,
    actions_received = :actions_received,
    actions_new = actions.new,
    actions_changed = actions.changed,
    actions_same = actions.same,
    actions_rejected = actions.rejected,
    failed_symbols = :failed_symbols,
    earliest_change_date = least(bars.earliest_date, actions.earliest_date),
    outcome = 'succeeded',
    finished_at = clock_timestamp()
from bars, actions
where ingest_runs.run_id = :run_id
returning
    ingest_runs.run_id,
    ingest_runs.source,
    ingest_runs.symbols,
    ingest_runs.window_start,
    ingest_runs.window_end,
    ingest_runs.rows_received,
    ingest_runs.rows_new,
    ingest_runs.rows_changed,
    ingest_runs.rows_same,
    ingest_runs.rows_rejected,
    ingest_runs.actions_received,
    ingest_runs.actions_new,
    ingest_runs.actions_changed,
    ingest_runs.actions_same,
    ingest_runs.actions_rejected,
    ingest_runs.failed_symbols,
    ingest_runs.earliest_change_date;

-- name: fail_run(run_id, error)!
update raw.ingest_runs
set
    outcome = 'failed',
    error = :error,
    finished_at = clock_timestamp()
where run_id = :run_id;
