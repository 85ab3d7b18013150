-- Equity is cash plus position by definition (equity_curve); what may go wrong are its
-- parts. Money neither appears nor vanishes: no account that can't go short spends
-- what it has not or holds less than nothing, between any two changes of a symbol's
-- account and at each close of a portfolio; and the benchmark's portfolio is worth its
-- symbols' accounts where all of them have a bar.
with

accounts as (

    select
        strategy,
        symbol,
        from_date as bar_date,
        cash,
        qty as held

    from {{ ref('int_holdings') }}
    union all
    select
        strategy,
        'portfolio' as symbol,
        bar_date,
        cash,
        position_value as held

    from {{ ref('int_portfolio_equity') }}

),

by_symbol as (

    select
        bar_date,
        avg(cash + position_value) as equity,
        count(*) as symbols

    from {{ ref('int_symbol_equity') }}
    where strategy = 'buy_and_hold'
    group by bar_date

)

select
    accounts.strategy,
    accounts.symbol,
    accounts.bar_date,
    'spends what it has not' as wrong

from accounts
left join {{ ref('int_strategies') }} as strategies using (strategy)
where
    strategies.has_shorts is not true
    and (accounts.cash < -1e-6 or accounts.held < 0)
union all
select
    portfolio.strategy,
    'portfolio' as symbol,
    portfolio.bar_date,
    'is not worth its symbols' as wrong

from {{ ref('int_portfolio_equity') }} as portfolio
inner join by_symbol using (bar_date)
where
    portfolio.strategy = 'buy_and_hold'
    and by_symbol.symbols = (select count(*) from {{ ref('int_symbols') }})
    -- A smallest fee or whole shares weigh more on smaller accounts.
    and {{ var('commission_minimum') }} = 0
    and not {{ var('whole_shares') }}
    and abs(portfolio.cash + portfolio.position_value - by_symbol.equity)
    > 1e-9 * by_symbol.equity
