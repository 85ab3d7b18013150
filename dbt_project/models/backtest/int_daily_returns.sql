{{ config(schema='intermediate', materialized='view') }}

{% set before = lag_window(
    'so_far', 'partition by strategy, symbol order by bar_date'
) %}

with

symbol_equity as (

    select * from {{ ref('int_symbol_equity') }}

),

portfolio_equity as (

    select * from {{ ref('int_portfolio_equity') }}

),

unioned as (

    select
        strategy,
        symbol,
        bar_date,
        cash + position_value as equity,
        position_value,
        benchmark_equity

    from symbol_equity
    union all
    select
        strategy,
        'portfolio' as symbol,
        bar_date,
        cash + position_value as equity,
        position_value,
        benchmark_equity

    from portfolio_equity
    where {{ in_part("'portfolio'") }}

),

compared as (

    select
        *,
        equity / lag(nullif(equity, 0)) over {{ before }} - 1 as daily_return,
        benchmark_equity / lag(nullif(benchmark_equity, 0)) over {{ before }} - 1
            as benchmark_return,
        row_number() over so_far as bars_so_far,
        max(equity) over so_far as peak,
        first_value(equity) over so_far as first_equity

    from unioned
    window so_far as (
        partition by strategy, symbol
        order by bar_date
        rows between unbounded preceding and current row
    )

),

measured as (

    select
        strategy,
        symbol,
        bar_date,
        equity,
        position_value,
        daily_return,
        benchmark_return,
        equity / first_equity as growth,
        equity / peak - 1 as drawdown,
        bars_so_far - max(case when equity >= peak then bars_so_far end) over (
            partition by strategy, symbol
            order by bar_date
            rows between unbounded preceding and current row
        ) as bars_below_peak

    from compared

)

select * from measured
