-- One row per session of a symbol, oldest first.

select
    symbol,
    bar_date,
    open,
    high,
    low,
    close,
    volume,
    adjusted_open,
    adjusted_high,
    adjusted_low,
    adjusted_close,
    adjusted_volume
from marts.bars
where
    symbol = %(symbol)s
    and bar_date between %(first_date)s and %(last_date)s
order by bar_date
