-- One row per signal published after one that is known, oldest first.

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
where sequence > %(sequence)s
order by sequence
limit 500
