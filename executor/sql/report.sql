-- , with the reader's rights.

-- name: find_orders(wanted, newest)
-- Decided signals, newest first: all, or those with an id, a signal key, a client
-- or broker order id, a symbol or a state.
select
    id,
    account_id,
    signal_key,
    side,
    qty,
    state,
    reason,
    attempts,
    filled_qty,
    filled_avg_price
from trading.orders
where
    :wanted::text is null
    or :wanted in (
        id::text, signal_key, client_order_id, broker_order_id, symbol, state
    )
order by id desc
limit :newest;

-- name: order_story(id)^
-- One order with its signal as it was decided on.
select
    orders.id,
    orders.account_id,
    orders.signal_key,
    orders.client_order_id,
    orders.broker_order_id,
    orders.side,
    orders.symbol,
    orders.qty,
    orders.price,
    orders.state,
    orders.reason,
    orders.checks,
    orders.attempts,
    orders.filled_qty,
    orders.filled_avg_price,
    orders.signal -> 'details' ->> 'sentence' as sentence,
    orders.signal -> 'details' as details,
    signals.published_at,
    orders.valid_until,
    quality.expected_price,
    quality.slippage_bps
from trading.orders
inner join trading.signals
    on orders.signal_key = signals.signal_key
left join trading.fill_quality as quality
    on orders.id = quality.order_id
where orders.id = :id;

-- name: order_steps(id)
-- Everything that happened to it.
select
    happened_at,
    old_state,
    new_state,
    attempts,
    answer,
    filled_qty,
    filled_avg_price,
    reason
from trading.order_events
where order_id = :id
order by event_id;

-- name: slippage()
-- Expected against real fills, by account, strategy and side; shares weigh.
select
    account_id,
    strategy,
    side,
    count(*) as fills,
    round(
        sum(slippage_bps * filled_qty * filled_avg_price)
        / sum(filled_qty * filled_avg_price), 2
    ) as slippage_bps,
    max(slippage_bps) as worst_bps,
    round(
        sum(slippage_bps * filled_qty * expected_price) / 10000, 2
    ) as cost
from trading.fill_quality
where slippage_bps is not null
group by account_id, strategy, side
order by account_id, strategy, side;
