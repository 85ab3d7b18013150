{{ config(schema='intermediate') }}

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
        bar_date,
        equity / first_equity as growth_factor,
        min(equity / peak) over (partition by strategy, week) as below_peak

    from portfolio_curves
    order by strategy asc, week asc, bar_date desc

)

select * from portfolio_weeks
