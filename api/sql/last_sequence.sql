-- The newest published signal's place in the feed; 0 before the first.

select coalesce(max(sequence), 0) from trading.signals
