-- One row per bar of a symbol up to a session, the last 60, oldest first.

with

newest as (

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
        and bar_date <= %(bar_date)s
    order by bar_date desc
    limit 60

)

select *
from newest
order by bar_date
