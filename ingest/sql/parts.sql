-- A load shared among processes: its windows in parts, each claimed by one process.
-- A claim is an advisory lock, so it ends with the connection, which is the one that
-- merges: who has lost a claim can't write any more.

-- name: notice_dead_machines()
-- A machine that went without a word is missed within a minute, not two hours.
select
    set_config('tcp_keepalives_idle', '30', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false);

-- name: share_out(run_id, symbols, starts, since, size)!
-- Windows that begin on the same day stay together: a vendor that gives several
-- symbols at once is asked no more often.
insert into raw.load_windows (run_id, symbol, part, start_date, since_date)
select
    :run_id,
    windows.symbol,
    (row_number() over (order by windows.start_date, windows.symbol) - 1) / :size,
    windows.start_date,
    :since
from unnest(:symbols::text[], :starts::date[]) as windows (symbol, start_date);

-- name: shared_run(run_id)^
-- A `Run`, as long as it runs and something is left of it to take in.
select
    ingest_runs.run_id,
    ingest_runs.source,
    min(load_windows.since_date) as since,
    ingest_runs.window_end as session,
    ingest_runs.known_at as now
from raw.ingest_runs
inner join raw.load_windows on ingest_runs.run_id = load_windows.run_id
where
    ingest_runs.run_id = :run_id
    and ingest_runs.outcome = 'running'
group by ingest_runs.run_id;

-- name: is_going_on(run_id, lock)$
-- Whether the process that began the run still lives, for it holds the lock of loads.
-- The attempt on it ends with this statement.
select
    case
        when exists (
            select
            from raw.ingest_runs
            where
                run_id = :run_id
                and outcome = 'running'
        ) then not pg_try_advisory_xact_lock_shared(:lock)
        else false
    end;

-- name: claim_part(run_id)$
-- The first part that nobody holds.
with

parts as materialized (

    select part
    from raw.load_windows
    where run_id = :run_id
    group by part
    order by part

)

select part
from parts
where pg_try_advisory_lock(hashtextextended(:run_id::uuid::text, part))
limit 1;

-- name: wait_for_part(run_id)^
-- The first part that is left, as soon as its holder is done with it or dead.
with

first_part as materialized (

    select part
    from raw.load_windows
    where run_id = :run_id
    order by part
    limit 1

)

select
    part,
    pg_advisory_lock(hashtextextended(:run_id::uuid::text, part)) as held
from first_part;

-- name: windows_of(run_id, part)
select
    load_windows.symbol,
    load_windows.start_date,
    ingest_runs.window_end
from raw.load_windows
inner join raw.ingest_runs on load_windows.run_id = ingest_runs.run_id
where
    load_windows.run_id = :run_id
    and load_windows.part = :part
order by load_windows.start_date, load_windows.symbol;

-- name: end_part(run_id, part)!
-- Also what the source said nothing about.
delete from raw.load_windows
where
    run_id = :run_id
    and part = :part;

-- name: release_part(run_id, part)$
select pg_advisory_unlock(hashtextextended(:run_id::uuid::text, :part));

-- name: progress(run_id)^
select
    ingest_runs.rows_received,
    (
        select count(*)
        from raw.load_windows
        where load_windows.run_id = ingest_runs.run_id
    ) as symbols_left
from raw.ingest_runs
where run_id = :run_id;

-- name: forget_windows()!
-- Under the lock of loads all that is left belongs to loads that are dead.
delete from raw.load_windows;
