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
        holdings.symbol,
        held.bar_date,
        holdings.cash,
        holdings.qty * held.close as position_value,
        case
            when held.bar_date >= benchmark.from_date
                then benchmark.cash + benchmark.qty * held.close
            else {{ var('starting_cash') }}
        end as benchmark_equity

    from holdings
    inner join benchmark on holdings.symbol = benchmark.symbol
    cross join
        lateral (
            -- Sorted, it stays a subquery: the planner would rather try every holding
            -- of a symbol for each of its bars.
            select
                bar_date,
                close

            from bars
            where
                symbol = holdings.symbol
                and bar_date >= holdings.from_date
                and bar_date < holdings.until_date
            order by bar_date
        ) as held

)

select * from valued
