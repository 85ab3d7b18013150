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
        cash,
        position_value

    from symbol_equity
    union all
    select
        strategy,
        'portfolio' as symbol,
        bar_date,
        cash,
        position_value

    from portfolio_equity

),

compared as (

    select
        *,
        cash + position_value as equity,
        (cash + position_value) / lag(nullif(cash + position_value, 0)) over (
            partition by strategy, symbol
            order by bar_date
        ) - 1 as daily_return

    from unioned

)

select * from compared
