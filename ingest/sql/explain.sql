-- The story of one symbol's data, with the reader's rights.

-- name: overview(symbol, session)
-- One row: bars, the sessions between first and last that have none, and when
-- the series was last judged. No bars: NULLs and zeros.
with

bars as (

    select bar_date
    from raw.raw_prices
    where symbol = :symbol and bar_date <= :session

)

select
    (select count(*) from bars) as bars,
    (select min(bar_date) from bars) as first_date,
    (select max(bar_date) from bars) as last_date,
    (
        select count(*)
        from raw.exchange_sessions
        where
            session_date > (select max(bar_date) from bars)
            and session_date <= :session
    ) as sessions_old,
    (
        select count(*)
        from raw.exchange_sessions
        where
            session_date > (select min(bar_date) from bars)
            and session_date < (select max(bar_date) from bars)
            and session_date not in (select bar_date from bars)
    ) as sessions_missing,
    (
        select count(*) from raw.raw_price_revisions where symbol = :symbol
    ) as corrections,
    (
        select max(checked_at) from raw.symbol_checks where symbol = :symbol
    ) as checked_at;

-- name: sources(symbol)
-- One row per source of the current bars.
select
    source,
    count(*) as bars,
    min(bar_date) as first_date,
    max(bar_date) as last_date,
    max(known_at) as known_at
from raw.raw_prices
where symbol = :symbol
group by source
order by max(bar_date) desc, source;

-- name: gaps(symbol, shown)
-- One row per run of missing sessions, the longest first.
with

bars as (

    select
        bar_date,
        lag(bar_date) over (order by bar_date) as previous_date
    from raw.raw_prices
    where symbol = :symbol

)

select
    min(exchange_sessions.session_date) as first_date,
    max(exchange_sessions.session_date) as last_date,
    count(*) as sessions
from bars
inner join raw.exchange_sessions
    on
        bars.previous_date < exchange_sessions.session_date
        and bars.bar_date > exchange_sessions.session_date
group by bars.bar_date
order by count(*) desc, bars.bar_date desc
limit :shown;

-- name: actions(symbol, shown)
-- One row per split or dividend, the latest first; what it was before, too.
select
    corporate_actions.ex_date,
    corporate_actions.kind,
    corporate_actions.value,
    corporate_actions.source,
    corporate_actions.known_at,
    revisions.old_values,
    count(*) over () as total
from raw.corporate_actions
left join lateral (
    select array_agg(value order by superseded_at, revision_id) as old_values
    from raw.corporate_action_revisions
    where
        corporate_action_revisions.symbol = corporate_actions.symbol
        and corporate_action_revisions.ex_date = corporate_actions.ex_date
        and corporate_action_revisions.kind = corporate_actions.kind
) as revisions on true
where corporate_actions.symbol = :symbol
order by corporate_actions.ex_date desc, corporate_actions.kind
limit :shown;

-- name: corrections(symbol, shown)
-- One row per superseded version of a bar with what replaced it, the latest first.
with

versions as (

    select
        bar_date,
        open,
        high,
        low,
        close,
        volume,
        source,
        known_at,
        superseded_at,
        revision_id
    from raw.raw_price_revisions
    where symbol = :symbol
    union all
    select
        bar_date,
        open,
        high,
        low,
        close,
        volume,
        source,
        known_at,
        'infinity',
        null
    from raw.raw_prices
    where
        symbol = :symbol
        and bar_date in (
            select bar_date from raw.raw_price_revisions where symbol = :symbol
        )

),

followed as (

    select
        versions.bar_date,
        versions.revision_id,
        versions.superseded_at,
        array[
            versions.open, versions.high, versions.low, versions.close,
            versions.volume
        ] as old_values,
        versions.source as old_source,
        array[
            lead(versions.open) over by_version,
            lead(versions.high) over by_version,
            lead(versions.low) over by_version,
            lead(versions.close) over by_version,
            lead(versions.volume) over by_version
        ] as new_values,
        lead(versions.source) over by_version as new_source
    from versions
    window by_version as (
        partition by versions.bar_date
        order by versions.superseded_at, versions.revision_id
    )

)

select
    bar_date,
    superseded_at,
    old_values,
    new_values,
    old_source,
    new_source,
    count(*) over () as total
from followed
where revision_id is not null
order by superseded_at desc, bar_date desc, revision_id desc
limit :shown;

-- name: rejections(symbol, shown)
-- One row per reason for which rows of bars or actions were refused.
with

refused as (

    select
        'bar' as kind,
        bar_date as row_date,
        unnest(reasons) as reason,
        received,
        rejected_at
    from raw.rejected_prices
    where symbol = :symbol
    union all
    select
        'action' as kind,
        ex_date as row_date,
        unnest(reasons) as reason,
        received,
        rejected_at
    from raw.rejected_corporate_actions
    where symbol = :symbol

)

select
    kind,
    reason,
    -- Each load that reads a file again refuses the same row again.
    count(distinct received) as refused_rows,
    max(rejected_at) as last_rejected_at,
    (array_agg(received::text order by rejected_at desc, row_date desc))[1]
        as example
from refused
group by kind, reason
order by refused_rows desc, kind, reason
limit :shown;

-- name: marks(symbol, shown)
-- One row per mark, the open ones first.
select
    rule,
    bar_date,
    value,
    detail,
    marked_at,
    cleared_at,
    dismissed_reason
from raw.symbol_marks
where symbol = :symbol
order by cleared_at desc nulls first, bar_date desc, rule
limit :shown;

-- name: runs(symbol, shown)
-- One row per load that asked for the symbol, the latest first.
select
    started_at,
    source,
    window_start,
    window_end,
    outcome,
    gate_outcome,
    failed_symbols ->> :symbol as failure,
    error,
    count(*) over () as total
from raw.ingest_runs
where symbols @> array[:symbol]
order by started_at desc
limit :shown;
