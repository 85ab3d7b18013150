{{ config(schema='intermediate', materialized='view') }}

with

bars as (

    select * from {{ ref('int_bars') }}
    where {{ in_part('symbol') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}
    where {{ in_part('symbol') }}

),

-- The benchmark buys once and keeps.
benchmark as (

    select * from {{ ref('int_holdings') }}
    where strategy = 'buy_and_hold' and until_date = {{ end_of_time() }}

),

compared as (

    select
        holdings.*,
        benchmark.from_date as benchmark_from,
        benchmark.cash as benchmark_cash,
        benchmark.qty as benchmark_qty

    from holdings
    inner join benchmark on holdings.symbol = benchmark.symbol

),

valued as (

    select
        compared.strategy,
        compared.symbol,
        held.bar_date,
        held.bar_number,
        compared.qty = 0
        and held.bar_number > compared.from_bar_number
        and held.bar_number < compared.until_bar_number - 1 as is_repeated,
        compared.cash,
        compared.qty * held.close as position_value,
        case
            when held.bar_date >= compared.benchmark_from
                then compared.benchmark_cash + compared.benchmark_qty * held.close
            else {{ var('starting_cash') }}
        end as benchmark_equity

    from {{ joined_to_held_bars('compared') }}

)

select * from valued
