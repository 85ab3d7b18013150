-- What ingest let in is judged once more before anything is calculated from it; only
-- what changed, because everything else was judged when it did.
select prices.*

from {{ ref('int_changed_symbols') }} as changes
cross join lateral (
    select *

    from {{ ref('stg_prices') }}
    where
        symbol = changes.symbol
        and bar_date > changes.previous_bar_date
    offset 0
) as prices
where
    (
        prices.low > 0
        and prices.low <= least(prices.open, prices.close)
        and prices.high >= greatest(prices.open, prices.close)
        and prices.high < 'infinity'
        and prices.volume >= 0
        and prices.volume < 'infinity'
    ) is not true
