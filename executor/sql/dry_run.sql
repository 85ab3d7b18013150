-- The dry-run broker's book: trading.sim_accounts and trading.sim_orders.

-- name: open_account(account_id, starting_cash, now)!
insert into trading.sim_accounts as known (account_id, starting_cash, opened_at)
values (:account_id, :starting_cash, :now)
on conflict (account_id) do update
set opened_at = excluded.opened_at
where known.opened_at > excluded.opened_at;

-- name: lock_account(account_id)
select account_id
from trading.sim_accounts
where account_id = :account_id
for update;

-- name: due_orders(account_id, now, session, slippage_bps, commission_bps)
-- Open orders whose next session has closed, with what they cost at its open
-- (no price: the symbol has no bar in that session though others have). Sells
-- first, then in the order they came.
with

due as (

    select
        orders.broker_order_id,
        orders.sequence,
        orders.symbol,
        orders.side,
        orders.qty,
        orders.submitted_session,
        next_session.session_date,
        next_session.opens_at,
        bars.open::numeric
        * trading.split_ratio(
            orders.symbol, orders.submitted_session, next_session.session_date
        )
        * (
            1 + case orders.side when 'buy' then 1 else -1 end
            * :slippage_bps::numeric / 10000
        ) as price
    from trading.sim_orders as orders
    cross join lateral (
        select
            session_date,
            opens_at
        from raw.exchange_sessions
        where opens_at > orders.submitted_at
        order by opens_at
        limit 1
    ) as next_session
    left join raw.raw_prices as bars
        on
            orders.symbol = bars.symbol
            and next_session.session_date = bars.bar_date
    where
        orders.account_id = :account_id
        and orders.status = 'new'
        and orders.submitted_at <= :now
        and next_session.session_date <= :session

)

select
    broker_order_id,
    symbol,
    side,
    qty,
    submitted_session,
    session_date,
    opens_at,
    round(price, 4) as price,
    round(qty * round(price, 4), 2) as value,
    round(
        round(qty * round(price, 4), 2) * :commission_bps::numeric / 10000, 2
    ) as commission
from due
where
    price is not null
    or exists (
        select
        from raw.raw_prices
        where
            bar_date >= due.session_date
            and bar_date <= :session
    )
order by session_date, side desc, sequence;

-- name: least_cash(account_id, session)
-- The least cash from a session on: later fills have a claim on it already.
select min(cash)
from trading.sim_balances
where
    account_id = :account_id
    and until_session > :session;

-- name: held_qty(account_id, symbol, session, submitted_session)
-- Shares held at a session's open, in the terms of an earlier session.
select
    round(
        qty / trading.split_ratio(symbol, :submitted_session, :session), 9
    )
from trading.sim_positions(:account_id, :session)
where symbol = :symbol;

-- name: close_order(broker_order_id, status, reason, session, filled_at, price, commission)!
update trading.sim_orders
set
    status = :status,
    reason = :reason,
    closed_session = :session,
    filled_at = :filled_at,
    filled_qty = case when :status::text = 'filled' then qty else 0 end,
    filled_avg_price = :price,
    commission = :commission
where broker_order_id = :broker_order_id;

-- name: sim_account(account_id, session)
-- Cash and equity after a session, and the equity after the one before.
with

days as (

    select
        :session::date as today,
        (
            select max(session_date)
            from raw.exchange_sessions
            where session_date < :session
        ) as day_before

),

valued as (

    select
        trading.sim_cash(:account_id, today) as cash,
        (
            select coalesce(sum(market_value), 0)
            from trading.sim_positions(:account_id, today)
        ) as position_value,
        trading.sim_cash(:account_id, day_before) as last_cash,
        (
            select coalesce(sum(market_value), 0)
            from trading.sim_positions(:account_id, day_before)
        ) as last_position_value
    from days

)

select
    cash,
    cash + position_value as equity,
    last_cash + last_position_value as last_equity
from valued;

-- name: has_bars(symbol, session)
-- Whether a symbol has ever traded by a session.
select exists (
    select
    from raw.raw_prices
    where
        symbol = :symbol
        and bar_date <= :session
);

-- name: sim_positions(account_id, session)
select
    symbol,
    qty,
    market_value
from trading.sim_positions(:account_id, :session)
order by symbol;

-- name: book_order(account_id, client_order_id, symbol, side, qty, now, session)
-- The id is derived, so that the same run books the same order.
insert into trading.sim_orders (
    broker_order_id, account_id, client_order_id, symbol, side, qty,
    submitted_at, submitted_session
)
values (
    md5(:account_id || ' ' || :client_order_id)::uuid,
    :account_id, :client_order_id, :symbol, :side, :qty, :now, :session
)
on conflict do nothing
returning broker_order_id;

-- name: booked_orders(account_id, session, since, now, client_order_id)
-- The book as it stood at a moment, or one order of it whenever it came.
select
    orders.broker_order_id::text as id,
    orders.client_order_id,
    orders.symbol,
    orders.side,
    orders.qty,
    case
        when closing.is_past then orders.status else 'new'
    end as status,
    case when closing.is_past then orders.reason end as reason,
    case
        when closing.is_past then orders.filled_qty else 0
    end as filled_qty,
    case
        when closing.is_past then orders.filled_avg_price
    end as filled_avg_price,
    case when closing.is_past then orders.filled_at end as filled_at,
    orders.submitted_at
from trading.sim_orders as orders
cross join lateral (
    select coalesce(orders.closed_session <= :session, false) as is_past
) as closing
where
    orders.account_id = :account_id
    and (
        orders.client_order_id = :client_order_id::text
        or (orders.submitted_at >= :since and orders.submitted_at <= :now)
    )
order by orders.sequence;
