-- What the printed summary shows; read with the reader's rights.

-- name: prices(session)^
-- Bars held, and rows refused: each once, however many loads received it.
select
    count(*) as bars,
    count(distinct symbol) as symbols,
    min(bar_date) as first_session,
    max(bar_date) as last_session,
    (select count(distinct received) from raw.rejected_prices) as rejected
from raw.raw_prices
where bar_date <= :session;

-- name: signals_of(session)
-- The session's published signals, each with why.
select
    strategy,
    symbol,
    side,
    details ->> 'sentence' as why
from trading.signals
where bar_date = :session
order by symbol, strategy;

-- name: newest_signal_session(session)$
-- The last session up to this one that gave any signal.
select max(bar_date) from trading.signals where bar_date <= :session;

-- name: strategies()
-- Each strategy's portfolio, buy and hold last.
select
    strategy,
    trades,
    total_return,
    sharpe,
    max_drawdown,
    exposure
from marts.backtest_metrics
where symbol = 'portfolio'
order by strategy = 'buy_and_hold', total_return desc, strategy;

-- name: newest_account(prefix)$
-- The account of a broker that was looked at last.
select account_id
from trading.account_snapshots
where starts_with(account_id, :prefix)
order by taken_at desc
limit 1;

-- name: orders(account_id, newest)
-- The newest orders of the account.
select
    signal ->> 'bar_date' as session,
    strategy,
    symbol,
    side,
    qty,
    state,
    filled_qty,
    filled_avg_price,
    reason
from trading.orders
where account_id = :account_id and state <> 'blocked'
order by created_at desc, symbol, strategy
limit :newest;

-- name: blocked(account_id, newest)
-- The newest signals that gave no order, with why. Sells by strategies that held
-- nothing are counted only: each exit rule speaks whether there is a position or not.
select
    signal ->> 'bar_date' as session,
    symbol,
    side,
    reason
from trading.orders
where
    account_id = :account_id
    and state = 'blocked'
    and not starts_with(reason, 'nothing to sell:')
order by created_at desc, symbol, strategy
limit :newest;

-- name: order_counts(account_id)
-- How many decided signals of the account are in each state.
select
    case
        when state = 'blocked' and starts_with(reason, 'nothing to sell:')
            then 'with nothing to sell'
        else state
    end as state,
    count(*) as orders
from trading.orders
where account_id = :account_id
group by 1
order by 1;

-- name: control()^
-- The kill switch.
select
    kill,
    reason,
    first_session
from trading.control;

-- name: account(account_id, session)^
-- Cash and positions of the account after the session.
select
    cash,
    position_value,
    equity
from trading.account_equity
where account_id = :account_id and session_date = :session;

-- name: positions(account_id, session)
-- Shares held after the session, at its close.
select
    symbol,
    qty,
    close,
    market_value
from trading.positions
where account_id = :account_id and session_date = :session
order by symbol;
