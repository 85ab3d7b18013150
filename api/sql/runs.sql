-- One row per load, newest first.

select
    run_id,
    source,
    outcome,
    gate_outcome,
    window_start,
    window_end,
    rows_received,
    rows_new,
    rows_changed,
    rows_same,
    rows_rejected,
    actions_received,
    actions_new,
    actions_changed,
    actions_same,
    actions_rejected,
    started_at,
    finished_at,
    error
from raw.ingest_runs
order by started_at desc
limit %(limit)s
