-- One row per event of the feed after one that is known, in order.

select
    sequence,
    kind,
    symbol,
    strategy,
    happened_at,
    data
from trading.feed_events
where sequence > %(sequence)s
order by sequence
limit 1000
