-- One row per strategy, symbol and side without a signal on the last bar, the
-- nearest first.

select
    strategy,
    symbol,
    bar_date,
    side,
    missing,
    unmet,
    predicates
from marts.near_misses
where
    (%(symbol)s::text is null or symbol = %(symbol)s)
    and (%(strategy)s::text is null or strategy = %(strategy)s)
    and (%(side)s::text is null or side = %(side)s)
order by unmet, strategy, symbol, side
