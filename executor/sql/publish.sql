-- Signals from dbt's marts into the append-only ledger.

-- name: wait_for_ledger(key)
-- One writer of the ledger at a time; held until the transaction ends.
select pg_advisory_xact_lock(:key);

-- name: begin_publishing(session)!
-- The desk's first session is the first one it publishes for.
update trading.control
set first_session = :session
where first_session is null;

-- name: last_load()
-- The load whose prices the signals come from.
select run_id
from raw.ingest_runs
where outcome = 'succeeded'
order by finished_at desc
limit 1;

-- name: publish(session, now, run_id, code_version)
-- Sessions up to this one that have bars and were never published, with all
-- their signals (often none); how many of each.
with

new_sessions as (

    select
        sessions.session_date,
        (
            select next_sessions.closes_at
            from raw.exchange_sessions as next_sessions
            where next_sessions.session_date > sessions.session_date
            order by next_sessions.session_date
            limit 1
        ) as valid_until
    from raw.exchange_sessions as sessions
    inner join trading.control
        on sessions.session_date >= control.first_session
    left join trading.published_sessions as published
        on sessions.session_date = published.session_date
    where
        sessions.session_date <= :session
        and published.session_date is null
        and exists (
            select from marts.bars where bars.bar_date = sessions.session_date
        )

),

new_signals as (

    select
        signals.signal_key,
        signals.strategy,
        signals.symbol,
        signals.bar_date,
        signals.side,
        signals.close,
        signals.details,
        new_sessions.valid_until
    from marts.signals
    inner join new_sessions
        on signals.bar_date = new_sessions.session_date

),

recorded_sessions as (

    insert into trading.published_sessions (
        session_date, signals, run_id, code_version, published_at
    )
    select
        new_sessions.session_date,
        count(new_signals.signal_key),
        :run_id,
        :code_version,
        :now
    from new_sessions
    left join new_signals
        on new_sessions.session_date = new_signals.bar_date
    group by new_sessions.session_date
    returning session_date

),

published_signals as (

    insert into trading.signals (
        signal_key, strategy, symbol, bar_date, side, close, details, run_id,
        published_at, valid_until
    )
    select
        signal_key,
        strategy,
        symbol,
        bar_date,
        side,
        close,
        details,
        :run_id,
        :now,
        valid_until
    from new_signals
    order by bar_date, signal_key
    returning signal_key

)

select
    (select count(*) from recorded_sessions) as sessions,
    (select count(*) from published_signals) as signals;
