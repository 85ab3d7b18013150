-- Prices and corporate actions as the vendor gave them, and what happened on
-- the way in. Prices are as traded that day: never split- or
-- dividend-adjusted. Written by desk_ingest.

create table raw.exchange_sessions (
    session_date date primary key,
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    check (closes_at > opens_at)
);
comment on table raw.exchange_sessions is
'One row per session of the New York Stock Exchange (XNYS).';

create table raw.ingest_runs (
    run_id uuid primary key,
    source text not null,
    symbols text[] not null,
    window_start date,
    window_end date not null,
    rows_received bigint not null default 0,
    rows_new bigint not null default 0,
    rows_changed bigint not null default 0,
    rows_same bigint not null default 0,
    rows_rejected bigint not null default 0,
    actions_received bigint not null default 0,
    actions_new bigint not null default 0,
    actions_changed bigint not null default 0,
    actions_same bigint not null default 0,
    actions_rejected bigint not null default 0,
    failed_symbols jsonb not null default '{}',
    earliest_change_date date,
    gate_outcome text not null default 'pending'
    check (gate_outcome in ('pending', 'passed', 'failed')),
    started_at timestamptz not null,
    finished_at timestamptz,
    outcome text not null default 'running'
    check (outcome in ('running', 'succeeded', 'failed', 'died')),
    error text,
    check (
        rows_received = rows_new + rows_changed + rows_same + rows_rejected
    ),
    check (
        actions_received
        = actions_new + actions_changed + actions_same + actions_rejected
    )
);
comment on table raw.ingest_runs is
'One row per load; rows (bars) and corporate actions received '
'= new + changed + same + rejected.';
comment on column raw.ingest_runs.failed_symbols is
'Symbols for which nothing could be fetched, each with the reason.';
comment on column raw.ingest_runs.earliest_change_date is
'First date of a bar or action this run added or changed; the quality gate '
'starts there.';

create table raw.raw_prices (
    symbol text not null,
    bar_date date not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    source text not null,
    known_at timestamptz not null,
    primary key (symbol, bar_date)
);
comment on table raw.raw_prices is
'One current row per symbol and session, US dollars as traded, shares.';

create table raw.raw_price_revisions (
    symbol text not null,
    bar_date date not null,
    open double precision not null,
    high double precision not null,
    low double precision not null,
    close double precision not null,
    volume double precision not null,
    source text not null,
    known_at timestamptz not null,
    superseded_at timestamptz not null,
    revision_id bigint generated always as identity primary key
);
create index on raw.raw_price_revisions (symbol, bar_date, known_at);
comment on table raw.raw_price_revisions is
'One row per superseded version of a bar.';

create table raw.corporate_actions (
    symbol text not null,
    ex_date date not null,
    kind text not null check (kind in ('split', 'dividend')),
    value double precision not null check (value > 0),
    source text not null,
    known_at timestamptz not null,
    primary key (symbol, ex_date, kind)
);
comment on table raw.corporate_actions is
'One row per symbol, ex-date and kind. Split: new shares for one old share; '
'dividend: US dollars per share as paid that day.';

create table raw.corporate_action_revisions (
    symbol text not null,
    ex_date date not null,
    kind text not null,
    value double precision not null,
    source text not null,
    known_at timestamptz not null,
    superseded_at timestamptz not null,
    revision_id bigint generated always as identity primary key
);
create index on raw.corporate_action_revisions (symbol, ex_date, kind);

create table raw.rejected_prices (
    rejection_id bigint generated always as identity primary key,
    run_id uuid not null references raw.ingest_runs,
    symbol text,
    bar_date text,
    received jsonb not null,
    reasons text[] not null check (cardinality(reasons) > 0),
    rejected_at timestamptz not null
);
create index on raw.rejected_prices (run_id);
comment on table raw.rejected_prices is
'One row per received bar that was refused, as received, with every reason.';

create table raw.rejected_corporate_actions (
    rejection_id bigint generated always as identity primary key,
    run_id uuid not null references raw.ingest_runs,
    symbol text,
    ex_date text,
    received jsonb not null,
    reasons text[] not null check (cardinality(reasons) > 0),
    rejected_at timestamptz not null
);
create index on raw.rejected_corporate_actions (run_id);
comment on table raw.rejected_corporate_actions is
'One row per received corporate action that was refused, as received, with '
'every reason.';

grant select, insert, update on all tables in schema raw to desk_ingest;
-- The exchange may still close on a day that was planned as a session.
grant delete on raw.exchange_sessions to desk_ingest;
