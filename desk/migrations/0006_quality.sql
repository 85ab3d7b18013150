-- What the quality gate found out about each symbol's series. Written by
-- desk_ingest, read by the executor before it opens a position.

create table raw.symbol_checks (
    symbol text primary key,
    check_id uuid not null,
    window_start date not null,
    window_end date not null,
    checked_at timestamptz not null,
    check (window_start <= window_end)
);
comment on table raw.symbol_checks is
'One row per symbol: the latest check of its series by the quality gate, and '
'which bars that judged.';

create table raw.symbol_marks (
    mark_id bigint generated always as identity primary key,
    symbol text not null,
    rule text not null,
    bar_date date not null,
    value double precision not null,
    detail text not null,
    marked_at timestamptz not null,
    cleared_at timestamptz,
    dismissed_reason text,
    check (cleared_at >= marked_at),
    check (dismissed_reason is null or cleared_at is not null)
);
create unique index on raw.symbol_marks (symbol, rule, bar_date)
where cleared_at is null;
create index on raw.symbol_marks (symbol);
comment on table raw.symbol_marks is
'One row per finding of the quality gate in a symbol''s series. While one is '
'open (cleared_at is null) the symbol opens no new position.';
comment on column raw.symbol_marks.value is
'What the rule measured at the bar; detail says what should be so.';
comment on column raw.symbol_marks.cleared_at is
'When a later check of that bar no longer found it, or a person dismissed it.';
comment on column raw.symbol_marks.dismissed_reason is
'Why a person said the data are right; the same finding is not marked again.';

grant select, insert, update on raw.symbol_checks, raw.symbol_marks
to desk_ingest;
