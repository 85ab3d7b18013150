-- name: store_walks(symbols, first, last)!
-- Prices that wander, to the cent. One random number a row; what it has beyond
-- its third, fifth and seventh digit serves the open, the range and the volume.
insert into raw.raw_prices (
    symbol, bar_date, open, high, low, close, volume, source, known_at
)
with

diced as materialized (
    select
        symbols.number,
        exchange_sessions.session_date,
        exchange_sessions.closes_at,
        random() as luck
    from generate_series(1, :symbols) as symbols (number)
    cross join raw.exchange_sessions
    where exchange_sessions.session_date between :first and :last
),

walked as (
    select
        *,
        luck * 1e3 - floor(luck * 1e3) as luck_overnight,
        luck * 1e5 - floor(luck * 1e5) as luck_of_range,
        luck * 1e7 - floor(luck * 1e7) as luck_of_volume,
        50 * exp(
            sum(0.06 * (luck - 0.5)) over (
                partition by number
                order by session_date
                rows between unbounded preceding and current row
            )
        ) as price
    from diced
),

traded as (
    select
        *,
        greatest(round(price * 100), 2) / 100 as close,
        greatest(round(price * (0.99 + 0.02 * luck_overnight) * 100), 2) / 100
            as open
    from walked
)

select
    'S' || lpad(number::text, 5, '0'),
    session_date,
    open,
    round(greatest(open, close) * (1 + 0.02 * luck_of_range) * 100) / 100,
    greatest(
        round(least(open, close) * (1 - 0.02 * luck_of_volume) * 100), 1
    ) / 100,
    close,
    round(1e5 * exp(3 * luck_of_volume)),
    'made-up',
    closes_at
from traded
order by number, session_date;

-- name: next_session(session, last)
-- The bars of the session after the last one, as a source's CSV lines.
select
    symbol,
    format(
        '%%s,%%s,%%s,%%s,%%s,%%s,%%s',
        symbol, :session::date, close, high + 0.02, low, close + 0.01, volume
    ) as line
from raw.raw_prices
where bar_date = :last
order by symbol;
