-- What each stage of a pass did, when and for how long: for metrics, for people, and
-- to see which pass died.

create table trading.stage_runs (
    stage_run_id bigint generated always as identity primary key,
    stage text not null,
    session_date date not null,
    outcome text not null default 'running'
    check (outcome in ('running', 'succeeded', 'failed', 'died')),
    said text,
    started_at timestamptz not null,
    finished_at timestamptz,
    check (finished_at >= started_at),
    check ((outcome in ('succeeded', 'failed')) = (finished_at is not null)),
    check (outcome not in ('succeeded', 'failed') or said is not null)
);
create index on trading.stage_runs (stage, started_at);
comment on table trading.stage_runs is
'One row per stage that a pass or a flow began: its session, outcome and time.';
comment on column trading.stage_runs.said is
'What the stage did, or why it failed.';
comment on column trading.stage_runs.outcome is
'died: its process ended without a word; the next pass noticed.';

grant insert, update, delete on trading.stage_runs to desk_executor;
