-- Whoever fills at a price the signal was made from trades with hindsight: a fill
-- is at the symbol's first bar after the signal's, no earlier and no later.
with

bars as (

    select
        symbol,
        bar_date,
        lead(bar_date) over (
            partition by symbol
            order by bar_date
        ) as next_bar_date

    from {{ ref('int_bars') }}

)

select
    fills.signal_key,
    fills.signal_date,
    fills.fill_date

from {{ ref('int_fills') }} as fills
left join bars
    on
        fills.symbol = bars.symbol
        and fills.signal_date = bars.bar_date
where fills.fill_date is distinct from bars.next_bar_date
