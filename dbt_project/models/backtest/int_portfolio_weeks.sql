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

    select
        strategy,
        max(bar_date) as bar_date,
        {{ last_by('equity / first_equity', 'bar_date', 'count(*)') }}
            as growth_factor,
        min(equity / peak) as below_peak

    from portfolio_curves
    group by strategy, week

)

select * from portfolio_weeks
