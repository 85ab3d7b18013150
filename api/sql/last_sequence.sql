-- The newest event of the feed; 0 before the first.

select coalesce(max(sequence), 0) from trading.feed_events
