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
-- Whether the session's signals are published and a pass over the orders followed.
select exists (
    select from trading.published_sessions as published
    inner join trading.stage_runs as runs
        on
            runs.stage = 'execute'
            and runs.session_date = :session
            and runs.outcome = 'succeeded'
    where published.session_date = :session
);

-- name: forget_stages(days)!
delete from trading.stage_runs
where started_at < now() - make_interval(days => :days);
