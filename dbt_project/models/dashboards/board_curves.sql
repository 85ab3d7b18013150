with

portfolio_equity as (

    select
        strategy,
        bar_date,
        cash + position_value as equity,
        date_trunc('week', bar_date) as week

    from {{ ref('int_portfolio_equity') }}

),

portfolio_curves as (

    select
        *,
        first_value(equity) over by_session as first_equity,
        max(equity) over by_session as peak

    from portfolio_equity
    window by_session as (partition by strategy order by bar_date)

),

portfolio_weeks as (

    select distinct on (strategy, week)
        strategy,
        'Portfolio' as account,
        bar_date as session_date,
        equity / first_equity as growth_factor,
        min(equity / peak) over (partition by strategy, week) as below_peak

    from portfolio_curves
    order by strategy asc, week asc, bar_date desc

),

symbol_growth as (

    select
        strategy,
        symbol,
        month_date,
        exp(sum(ln(greatest(1 + monthly_return, 1e-9))) over (
            partition by strategy, symbol
            order by month_date
        )) as growth_factor

    from {{ ref('monthly_returns') }}
    where symbol <> 'portfolio'

),

symbol_months as (

    select
        strategy,
        symbol as account,
        month_date as session_date,
        growth_factor,
        growth_factor / greatest(1, max(growth_factor) over (
            partition by strategy, symbol
            order by month_date
        )) as below_peak

    from symbol_growth

),

unioned as (

    select * from portfolio_weeks
    union all
    select * from symbol_months

),

in_words as (

    select
        {{ strategy_in_words('strategy') }} as strategy,
        account,
        session_date,
        growth_factor - 1 as growth,
        below_peak - 1 as drawdown

    from unioned

)

select * from in_words
