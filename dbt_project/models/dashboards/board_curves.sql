with

portfolio_weeks as (

    select
        strategy,
        'Portfolio' as account,
        bar_date as session_date,
        growth_factor,
        below_peak

    from {{ ref('int_portfolio_weeks') }}

),

symbol_growth as (

    select
        strategy,
        symbol,
        month_date,
        exp(sum(ln(greatest(1 + coalesce(monthly_return, 0), 1e-9))) over (
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
