-- One row per attempt, answer and change of a signal's orders, in order.

select
    order_events.order_id,
    order_events.happened_at,
    order_events.old_state,
    order_events.new_state,
    order_events.attempts,
    order_events.answer,
    order_events.reason,
    order_events.filled_qty::double precision as filled_qty,
    order_events.filled_avg_price::double precision as filled_avg_price
from trading.order_events
inner join trading.orders
    on order_events.order_id = orders.id
where orders.signal_key = %(signal_key)s
order by order_events.event_id
