-- One row per signal that meets every condition given, newest first, before
-- one of them. Executed: true (something filled), false, or an order's state.

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
where
    sequence < %(before)s
    and (%(symbol)s::text is null or symbol = %(symbol)s)
    and (%(strategy)s::text is null or strategy = %(strategy)s)
    and (%(side)s::text is null or side = %(side)s)
    and bar_date between %(first_date)s and %(last_date)s
    and case %(executed)s::text
        when 'true' then coalesce(filled_qty, 0) > 0
        when 'false' then coalesce(filled_qty, 0) = 0
        else %(executed)s is null or executed = %(executed)s
    end
order by sequence desc
limit %(limit)s
