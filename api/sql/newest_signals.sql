-- One row per signal of any session, newest first.

select
    signal_key,
    sequence,
    strategy,
    symbol,
    bar_date,
    side,
    close,
    details,
    published_at,
    valid_until,
    executed,
    executed_reason
from trading.signal_states
order by sequence desc
limit %(limit)s
