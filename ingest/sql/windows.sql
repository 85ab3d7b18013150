-- From which session on each symbol is asked for.

-- name: window_starts(source, symbols, since, session, overlap_sessions)
-- Where each symbol continues: some sessions before its last bar from this
-- source, or at the start when no earlier load began there. Without the symbols
-- that a load of this session had taken in before it died or failed.
with

covered as (

    select
        loaded_symbols.symbol,
        ingest_runs.outcome in ('died', 'failed')
        and ingest_runs.window_end = :session as is_done
    from raw.loaded_symbols
    inner join raw.ingest_runs on loaded_symbols.run_id = ingest_runs.run_id
    where
        loaded_symbols.source = :source
        and loaded_symbols.since_date <= :since
        and loaded_symbols.symbol = any(:symbols::text[])

),

last_bars as (

    select
        covered.symbol,
        last_bar.bar_date
    from covered
    cross join lateral (
        select raw_prices.bar_date
        from raw.raw_prices
        where
            raw_prices.symbol = covered.symbol
            and raw_prices.source = :source
        order by raw_prices.bar_date desc
        limit 1
    ) as last_bar

),

continued as (

    select
        last_bars.symbol,
        (
            select min(latest.session_date)
            from (
                select exchange_sessions.session_date
                from raw.exchange_sessions
                where exchange_sessions.session_date <= last_bars.bar_date
                order by exchange_sessions.session_date desc
                limit :overlap_sessions
            ) as latest
        ) as start_date
    from last_bars

)

select
    asked.symbol,
    coalesce(continued.start_date, :since) as start_date
from unnest(:symbols::text[]) with ordinality as asked (symbol, position)
left join continued on asked.symbol = continued.symbol
left join covered on asked.symbol = covered.symbol
where covered.is_done is not true
order by asked.position;
