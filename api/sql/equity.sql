-- One row per session of a strategy in one account, oldest first.

select
    bar_date,
    cash,
    position_value,
    equity,
    daily_return
from marts.equity_curve
where
    strategy = %(strategy)s
    and symbol = %(symbol)s
order by bar_date
