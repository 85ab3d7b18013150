-- One row per order of a signal that filled.

select
    quality.order_id,
    quality.account_id,
    quality.fill_session,
    quality.filled_qty::double precision as filled_qty,
    quality.filled_avg_price::double precision as filled_avg_price,
    quality.expected_price::double precision as expected_price,
    quality.slippage_bps::double precision as slippage_bps
from trading.fill_quality as quality
inner join trading.orders
    on quality.order_id = orders.id
where orders.signal_key = %(signal_key)s
order by quality.order_id
