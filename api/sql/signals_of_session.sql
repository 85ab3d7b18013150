-- One row per signal of one session, newest first.

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
where bar_date = %(session_date)s
order by sequence desc
