-- One row per session of a symbol, oldest first, with some columns: names that
-- were looked up in the catalogue go where the braces are.

select
    symbol,
    bar_date,
    {}
from marts.indicators
where
    symbol = %(symbol)s
    and bar_date between %(first_date)s and %(last_date)s
order by bar_date
