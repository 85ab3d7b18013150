-- Money neither appears nor vanishes: no account that can't go short spends what it
-- has not, and the benchmark's portfolio is worth its symbols' shares where all of
-- them have a bar.
with

by_symbol as (

    select
        bar_date,
        avg(equity) as equity,
        count(*) as symbols

    from {{ ref('equity_curve') }}
    where symbol <> 'portfolio' and strategy = 'buy_and_hold'
    group by bar_date

),

benchmark as (

    select *

    from by_symbol
    where
        symbols = (select count(*) from {{ ref('int_symbols') }})
        and {{ var('commission_minimum') }} = 0
        and not {{ var('whole_shares') }}

)

select
    curve.strategy,
    curve.symbol,
    curve.bar_date,
    curve.equity,
    curve.cash,
    benchmark.equity as mean_of_symbols

from {{ ref('equity_curve') }} as curve
left join {{ ref('int_strategies') }} as strategies using (strategy)
left join benchmark
    on
        curve.bar_date = benchmark.bar_date
        and curve.strategy = 'buy_and_hold'
        and curve.symbol = 'portfolio'
where
    (
        strategies.has_shorts is not true
        and (curve.cash < -1e-6 or curve.position_value < 0)
    )
    or abs(curve.equity - (curve.cash + curve.position_value))
    > 1e-9 * abs(curve.equity)
    or abs(curve.equity - benchmark.equity) > 1e-9 * curve.equity
