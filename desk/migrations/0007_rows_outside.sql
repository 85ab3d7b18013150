-- Rows of files that no load may take in are counted too: nothing that was read
-- goes missing without a trace.

alter table raw.ingest_runs
add column rows_outside bigint not null default 0;
comment on column raw.ingest_runs.rows_outside is
'Bars of the symbols asked for that files hold outside the window (before '
'DESK_SINCE, or after the clock''s session); they are not received.';
