-- What ingest let in is judged once more before anything is calculated from it; only
-- what changed, because everything else was judged when it did.
with

changed_prices as (

    {{ changed_rows(ref('stg_prices'), ref('int_changed_symbols'), 'bar_date') }}

)

select
    symbol,
    bar_date,
    open,
    high,
    low,
    close,
    volume

from changed_prices
where
    (
        low > 0
        and low <= least(open, close)
        and high >= greatest(open, close)
        and high < 'infinity'
        and volume >= 0
        and volume < 'infinity'
    ) is not true
