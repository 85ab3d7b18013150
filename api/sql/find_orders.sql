-- One row per order that meets every condition given, newest first, before the
-- cursor.

select
    id as order_id,
    account_id,
    signal_key,
    client_order_id,
    broker_order_id,
    strategy,
    symbol,
    side,
    qty::double precision as qty,
    price::double precision as price,
    valid_until,
    state,
    reason,
    checks,
    answer,
    attempts,
    filled_qty::double precision as filled_qty,
    filled_avg_price::double precision as filled_avg_price,
    filled_at,
    created_at,
    updated_at
from trading.orders
where
    id < %(cursor)s
    and (%(symbol)s::text is null or symbol = %(symbol)s)
    and (%(strategy)s::text is null or strategy = %(strategy)s)
    and (%(state)s::text is null or state = %(state)s)
order by id desc
limit %(limit)s
