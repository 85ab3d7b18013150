-- The signal with a key.

select
    signal_key,
    strategy,
    symbol,
    bar_date,
    side,
    close,
    details,
    published_at,
    valid_until,
    executed,
    executed_reason,
    filled_qty::double precision as filled_qty,
    filled_avg_price::double precision as filled_avg_price
from trading.signal_states
where signal_key = %(signal_key)s
