-- name: store_years(symbols, first, last)!
insert into raw.raw_prices (
    symbol, bar_date, open, high, low, close, volume, source, known_at
)
select
    'S' || lpad(symbols.number::text, 5, '0'),
    exchange_sessions.session_date,
    10,
    11,
    9,
    10.5,
    1000,
    'made-up',
    exchange_sessions.closes_at
from generate_series(1, :symbols) as symbols (number)
cross join raw.exchange_sessions
where exchange_sessions.session_date between :first and :last
order by symbols.number, exchange_sessions.session_date;
