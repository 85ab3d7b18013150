-- Whoever fills at a price the signal was made from trades with hindsight: a fill
-- is at the symbol's first bar after the signal's, no earlier and no later.
select
    fills.signal_key,
    fills.signal_date,
    fills.fill_date

from {{ ref('int_fills') }} as fills
where
    fills.fill_date is distinct from (
        select min(bars.bar_date)
        from {{ ref('int_bars') }} as bars
        where bars.symbol = fills.symbol and bars.bar_date > fills.signal_date
    )
