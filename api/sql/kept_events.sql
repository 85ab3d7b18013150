-- The feed's first and last event that is kept.

select
    coalesce(min(sequence), 1) as oldest,
    coalesce(max(sequence), 0) as newest
from trading.feed_events
