-- How far prices and schema are. The newest bar takes one step along the primary
-- key per symbol: a plain max(bar_date) would read every bar.

with recursive

symbols as (

    select min(symbol) as symbol
    from raw.raw_prices

    union all

    select (
        select min(raw_prices.symbol)
        from raw.raw_prices
        where raw_prices.symbol > symbols.symbol
    ) as symbol
    from symbols
    where symbols.symbol is not null

),

bars as (

    select max(newest.bar_date) as last_bar_date
    from symbols
    cross join lateral (
        select max(raw_prices.bar_date) as bar_date
        from raw.raw_prices
        where raw_prices.symbol = symbols.symbol
    ) as newest

),

due as (

    select max(session_date) as expected_session
    from raw.exchange_sessions
    where closes_at <= %(now)s - interval '16 hours'

)

select
    bars.last_bar_date,
    due.expected_session,
    case when bars.last_bar_date is not null then (
        select count(*)
        from raw.exchange_sessions
        where
            session_date > bars.last_bar_date
            and session_date <= due.expected_session
    ) end as sessions_behind,
    %(migrations)s::text [] <@ array(
        select migration_id::text from migrations._yoyo_migration
    ) as has_all_migrations
from bars
cross join due
