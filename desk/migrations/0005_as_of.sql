-- Prices and corporate actions as they were known at any moment, and what a
-- load that goes on piece by piece has to remember: even the rows of a run that
-- died count.

-- Plain `stable` SQL, so that the planner sees through it: a condition on the
-- symbol or the date reaches the indexes.
create function raw.prices_as_of(moment timestamptz)
returns setof raw.raw_prices
language sql stable parallel safe as $$
    select
        symbol,
        bar_date,
        open,
        high,
        low,
        close,
        volume,
        source,
        known_at
    from raw.raw_prices
    where known_at <= moment
    union all
    select
        symbol,
        bar_date,
        open,
        high,
        low,
        close,
        volume,
        source,
        known_at
    from raw.raw_price_revisions
    where known_at <= moment and superseded_at > moment
$$;
comment on function raw.prices_as_of(timestamptz) is
'raw.raw_prices as it was known at a moment: one row per symbol and session.';

create function raw.corporate_actions_as_of(moment timestamptz)
returns setof raw.corporate_actions
language sql stable parallel safe as $$
    select
        symbol,
        ex_date,
        kind,
        value,
        source,
        known_at
    from raw.corporate_actions
    where known_at <= moment
    union all
    select
        symbol,
        ex_date,
        kind,
        value,
        source,
        known_at
    from raw.corporate_action_revisions
    where known_at <= moment and superseded_at > moment
$$;
comment on function raw.corporate_actions_as_of(timestamptz) is
'raw.corporate_actions as it was known at a moment: one row per symbol, '
'ex-date and kind.';

-- Not read from the runs' arrays: those grow with every load.
create table raw.loaded_symbols (
    source text not null,
    symbol text not null,
    since_date date not null,
    run_id uuid not null references raw.ingest_runs,
    primary key (source, symbol)
);
comment on table raw.loaded_symbols is
'One row per source and symbol that a load took in whole: from which session '
'on, and which run did it last. The next load continues from there.';

grant select, insert, update on raw.loaded_symbols to desk_ingest;
