-- What the daily report draws; read with the reader's rights.

-- name: equity(account_id, session)
-- The account's equity over its last 120 sessions.
with

latest as (

    select
        session_date,
        equity
    from trading.account_equity
    where account_id = :account_id and session_date <= :session
    order by session_date desc
    limit 120

)

select
    session_date,
    equity::double precision as value
from latest
order by session_date;

-- name: closes(account_id, session)
-- The last 60 closes, in today's terms, of the symbols held or with a signal.
with

symbols as (

    select symbol
    from trading.positions
    where account_id = :account_id and session_date = :session

    union

    select symbol
    from trading.signals
    where bar_date = :session

)

select
    symbols.symbol,
    latest.bar_date as session_date,
    latest.adjusted_close as value
from symbols
cross join lateral (
    select
        bars.bar_date,
        bars.adjusted_close
    from marts.bars
    where bars.symbol = symbols.symbol and bars.bar_date <= :session
    order by bars.bar_date desc
    limit 60
) as latest
order by symbols.symbol, latest.bar_date;
