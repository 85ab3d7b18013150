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

-- Of a stretch in cash its first bar and its last, which stands for those between: half
-- of all bars say nothing new.
unioned as (

    select
        strategy,
        symbol,
        bar_date,
        bar_number,
        cash + position_value as equity,
        position_value,
        benchmark_equity

    from symbol_equity
    where not is_repeated
    union all
    select
        strategy,
        'portfolio' as symbol,
        bar_date,
        session_number as bar_number,
        cash + position_value as equity,
        position_value,
        benchmark_equity

    from portfolio_equity
    where {{ in_part("'portfolio'") }}

),

compared as (

    select
        *,
        bar_number - coalesce(lag(bar_number) over {{ before }}, 0) as bars,
        equity / lag(nullif(equity, 0)) over {{ before }} - 1 as daily_return,
        benchmark_equity / lag(nullif(benchmark_equity, 0)) over {{ before }} - 1
            as benchmark_return,
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
        bars,
        equity,
        position_value,
        daily_return,
        benchmark_return,
        equity / first_equity as growth,
        equity / peak - 1 as drawdown,
        bar_number - max(case when equity >= peak then bar_number end) over (
            partition by strategy, symbol
            order by bar_date
            rows between unbounded preceding and current row
        ) as bars_below_peak

    from compared

)

select * from measured
