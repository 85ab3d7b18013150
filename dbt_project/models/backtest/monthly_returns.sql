with

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}

),

portfolio_equity as (

    select * from {{ ref('int_portfolio_equity') }}

),

-- Read apart from month_ends: what is read twice is written out first, without its key.
months as (

    select bar_date from {{ ref('int_month_ends') }}
    where symbol = 'portfolio'

),

month_end_equity as (

    select
        holdings.strategy,
        month_ends.symbol,
        month_ends.bar_date,
        holdings.cash + holdings.qty * month_ends.close as equity

    from holdings
    inner join month_ends
        on
            holdings.symbol = month_ends.symbol
            and holdings.from_date <= month_ends.bar_date
            and holdings.until_date > month_ends.bar_date
    union all
    select
        portfolio_equity.strategy,
        'portfolio' as symbol,
        portfolio_equity.bar_date,
        portfolio_equity.cash + portfolio_equity.position_value as equity

    from portfolio_equity
    inner join months using (bar_date)

),

-- Nothing is held on the first session: a curve begins with the starting cash.
compared as (

    select
        strategy,
        symbol,
        cast(date_trunc('month', bar_date) as date) as month_date,
        equity / nullif(lag(
            equity, 1, cast({{ var('starting_cash') }} as double precision)
        ) over (
            partition by strategy, symbol
            order by bar_date
        ), 0) - 1 as monthly_return

    from month_end_equity

)

select * from compared
