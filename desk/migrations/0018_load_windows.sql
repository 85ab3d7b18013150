-- What several processes share when they load from a vendor together.

create table raw.load_windows (
    run_id uuid not null references raw.ingest_runs,
    symbol text not null,
    part bigint not null,
    start_date date not null,
    since_date date not null,
    primary key (run_id, symbol)
);
comment on table raw.load_windows is
'One row per symbol that a load shared among processes has still to take in; the '
'transaction that merges a symbol deletes its row.';
comment on column raw.load_windows.part is
'What one process claims at a time, by an advisory lock of its connection.';
comment on column raw.load_windows.start_date is
'First session asked for; the last one is the run''s window_end.';
comment on column raw.load_windows.since_date is
'DESK_SINCE of the load.';

grant select, insert, delete on raw.load_windows to desk_ingest;
