-- What the flows show in Prefect's UI; read with the reader's rights.

-- name: last_load(session)
-- The newest load up to the session.
select
    source,
    cardinality(symbols) as symbols,
    rows_received,
    rows_new,
    rows_changed,
    rows_same,
    rows_rejected,
    actions_new,
    actions_changed,
    failed_symbols::text as failed_symbols,
    outcome,
    gate_outcome,
    extract(epoch from finished_at - started_at)::double precision as seconds
from raw.ingest_runs
where window_end <= :session
order by started_at desc
limit 1;

-- name: open_marks(session)
-- What the quality gate holds against symbols.
select
    symbol,
    rule,
    bar_date,
    detail
from raw.symbol_marks
where cleared_at is null and bar_date <= :session
order by bar_date desc, symbol, rule;

-- name: signals(session)
-- The session's published signals.
select
    strategy,
    symbol,
    side,
    close,
    details ->> 'sentence' as why
from trading.signals
where bar_date = :session
order by symbol, strategy;

-- name: orders(session)
-- What became of the session's signals.
select
    orders.account_id,
    orders.strategy,
    orders.symbol,
    orders.side,
    orders.qty,
    orders.state,
    orders.filled_qty,
    orders.reason
from trading.orders
inner join trading.signals using (signal_key)
where signals.bar_date = :session
order by orders.symbol, orders.strategy;
