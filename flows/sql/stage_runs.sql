-- The diary of stages; written with the executor's rights.

-- name: bury_dead_stages()!
-- Whoever holds the desk's lock is alone: what still runs has died.
update trading.stage_runs
set outcome = 'died'
where outcome = 'running';

-- name: begin_stage(stage, session)$
insert into trading.stage_runs (stage, session_date, started_at)
values (:stage, :session, clock_timestamp())
returning stage_run_id;

-- name: end_stage(stage_run_id, outcome, said)!
update trading.stage_runs
set outcome = :outcome, said = :said, finished_at = clock_timestamp()
where stage_run_id = :stage_run_id;

-- name: is_session_done(session)$
-- Whether the session's signals are published, a pass over the orders began after
-- that, and the backtest is built, alone or with all models: the last run of each
-- succeeded.
with

last_runs as (

    select distinct on (part)
        case when stage = 'build' then 'backtest' else stage end as part,
        outcome,
        started_at,
        finished_at
    from trading.stage_runs
    where
        session_date = :session
        and stage in ('publish', 'execute', 'build', 'backtest')
    order by part, started_at desc

),

succeeded as (

    select *
    from last_runs
    where outcome = 'succeeded'

)

select exists (
    select from trading.published_sessions
    inner join succeeded as publish
        on publish.part = 'publish'
    inner join succeeded as execute
        on
            execute.part = 'execute'
            and publish.finished_at <= execute.started_at
    inner join succeeded as backtest
        on backtest.part = 'backtest'
    where published_sessions.session_date = :session
);

-- name: forget_stages(days)!
delete from trading.stage_runs
where started_at < now() - make_interval(days => :days);
