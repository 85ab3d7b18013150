-- The order ledger: trading.orders and trading.control.

-- name: take_ledger(key)
-- One writer of the ledger at a time; held as long as the connection.
select pg_advisory_lock(:key);

-- name: release_ledger(key)
select pg_advisory_unlock(:key);

-- name: control()
select
    kill,
    reason,
    first_session,
    replay_from,
    replay_until
from trading.control;

-- name: set_kill(kill, reason)!
-- The kill switch; an earlier reason to stop everything is kept.
update trading.control
set
    kill = :kill,
    reason = :reason
where kill <> 'all';

-- name: undecided_signals(account_id, now)
-- Published signals the account has no verdict on. Exits come first, so that
-- an entry never stands in an exit's way.
select
    signals.signal_key,
    signals.strategy,
    signals.symbol,
    signals.bar_date,
    signals.side,
    signals.close::numeric as close,
    signals.valid_until
from trading.signals
left join trading.orders
    on
        signals.signal_key = orders.signal_key
        and orders.account_id = :account_id
where
    orders.id is null
    and signals.published_at <= :now
order by signals.bar_date, signals.side desc, signals.signal_key;

-- name: claim(account_id, signal_key, client_order_id, qty, price, state, reason, now)
-- The claim: whoever inserts this row owns the signal. No one constraint is
-- named: rivals may meet at the signal or at the id derived from it.
insert into trading.orders (
    account_id, signal_key, client_order_id, signal, strategy, symbol, side,
    qty, price, valid_until, state, reason, created_at, updated_at
)
select
    :account_id,
    signal_key,
    :client_order_id,
    to_jsonb(signals),
    strategy,
    symbol,
    side,
    :qty,
    :price,
    valid_until,
    :state,
    :reason,
    :now,
    :now
from trading.signals
where signal_key = :signal_key
on conflict do nothing
returning id;

-- name: orders(account_id, now, states, ids)
-- Orders in some states, or with some ids, oldest first.
select
    id,
    signal_key,
    client_order_id,
    strategy,
    symbol,
    side,
    qty,
    price,
    valid_until,
    state,
    reason,
    attempts,
    last_attempt_at,
    broker_order_id,
    filled_qty,
    filled_avg_price
from trading.orders
where
    account_id = :account_id
    and created_at <= :now
    and (
        state = any(:states::text [])
        or id = any(:ids::bigint [])
    )
order by id;

-- name: known_orders(account_id, client_order_ids)
-- Ids of the orders behind some client order ids.
select
    id,
    client_order_id
from trading.orders
where
    account_id = :account_id
    and client_order_id = any(:client_order_ids::text []);

-- name: strategy_holdings(account_id, now, session)
-- Shares each strategy's own fills left it with, splits since then included.
select
    orders.strategy,
    orders.symbol,
    trim_scale(round(sum(
        case orders.side
            when 'buy' then orders.filled_qty
            else -orders.filled_qty
        end
        * trading.split_ratio(orders.symbol, signals.bar_date, :session)
    ), 9)) as qty
from trading.orders
inner join trading.signals
    on orders.signal_key = signals.signal_key
where
    orders.account_id = :account_id
    and orders.created_at <= :now
    and orders.filled_qty > 0
group by orders.strategy, orders.symbol;

-- name: marked_symbols()
-- The first of each symbol's open marks by the quality gate.
select distinct on (symbol)
    symbol,
    rule,
    bar_date,
    value
from raw.symbol_marks
where cleared_at is null
order by symbol, bar_date, rule;

-- name: count_attempt(id, attempts, now)!
-- Committed before the call; nothing happens if another process was first.
update trading.orders
set
    attempts = attempts + 1,
    last_attempt_at = :now,
    updated_at = :now
where
    id = :id
    and attempts = :attempts
    and state = 'submitting';

-- name: adopt(id, state, reason, broker_order_id, filled_qty, filled_avg_price, filled_at, now)
-- The broker's word on an order: what it filled only grows, an end is final.
with

told as (

    select
        id,
        filled_qty as old_filled_qty,
        greatest(filled_qty, :filled_qty) as new_filled_qty,
        case
            when
                :state::text = 'open'
                and greatest(filled_qty, :filled_qty) > 0
                then 'partially_filled'
            else :state::text
        end as new_state
    from trading.orders
    where
        id = :id
        and (
            state in ('submitting', 'open', 'partially_filled', 'abandoned')
            or (state = 'rejected' and broker_order_id is null)
        )

)

update trading.orders
set
    state = told.new_state,
    reason = :reason,
    broker_order_id = :broker_order_id,
    filled_qty = told.new_filled_qty,
    filled_avg_price = case
        when :filled_qty >= orders.filled_qty then :filled_avg_price
        else orders.filled_avg_price
    end,
    filled_at = coalesce(:filled_at, orders.filled_at),
    updated_at = :now
from told
where
    orders.id = told.id
    and (orders.state, orders.filled_qty, orders.broker_order_id)
    is distinct from (
        told.new_state, told.new_filled_qty, :broker_order_id::text
    )
returning told.new_filled_qty > told.old_filled_qty;

-- name: close_unbooked(id, state, reason, now)!
-- An order the broker does not have: refused, or given up.
update trading.orders
set
    state = :state,
    reason = :reason,
    updated_at = :now
where
    id = :id
    and state = 'submitting';
