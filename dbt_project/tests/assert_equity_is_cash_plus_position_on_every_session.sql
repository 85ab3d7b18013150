-- Money neither appears nor vanishes: on every session, and in the portfolio as
-- the sum of its symbols where all of them have a bar.
with

by_symbol as (

    select
        strategy,
        bar_date,
        sum(equity) as equity,
        count(*) as symbols

    from {{ ref('equity_curve') }}
    where symbol <> 'portfolio'
    group by strategy, bar_date

)

select
    curve.strategy,
    curve.symbol,
    curve.bar_date,
    curve.equity,
    by_symbol.equity as sum_of_symbols

from {{ ref('equity_curve') }} as curve
inner join by_symbol using (strategy, bar_date)
where
    abs(curve.equity - (curve.cash + curve.position_value)) > 1e-9 * curve.equity
    or (
        curve.symbol = 'portfolio'
        and by_symbol.symbols = (select count(*) from {{ ref('int_symbols') }})
        and abs(curve.equity - by_symbol.equity) > 1e-9 * curve.equity
    )
