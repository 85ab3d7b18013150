{{ config(schema='intermediate', materialized='view') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}

),

-- The benchmark buys once and keeps.
benchmark as (

    select * from {{ ref('int_holdings') }}
    where strategy = 'buy_and_hold' and until_date = 'infinity'

),

valued as (

    select
        holdings.strategy,
        bars.symbol,
        bars.bar_date,
        holdings.cash,
        holdings.qty * bars.close as position_value,
        case
            when bars.bar_date >= benchmark.from_date
                then benchmark.cash + benchmark.qty * bars.close
            else {{ var('starting_cash') }}
        end as benchmark_equity

    from holdings
    inner join bars
        on
            holdings.symbol = bars.symbol
            and holdings.from_date <= bars.bar_date
            and holdings.until_date > bars.bar_date
    inner join benchmark on holdings.symbol = benchmark.symbol

)

select * from valued
