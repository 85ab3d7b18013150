{{ config(schema='intermediate') }}

with

symbol_equity as (

    select * from {{ ref('int_symbol_equity') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}

),

sessions as (

    select distinct bar_date from symbol_equity

),

-- Every symbol on every session, with its own bar or without.
joined_to_sessions as (

    select
        holdings.strategy,
        holdings.symbol,
        sessions.bar_date,
        holdings.cash as starting_cash,
        symbol_equity.cash,
        symbol_equity.position_value,
        count(symbol_equity.cash) over (
            partition by holdings.strategy, holdings.symbol
            order by sessions.bar_date
            rows between unbounded preceding and current row
        ) as bars_so_far

    from holdings
    cross join sessions
    left join symbol_equity using (strategy, symbol, bar_date)
    where holdings.signal_key is null

),

-- Its last bar's value where it has none, the waiting cash before the first.
carried as (

    select
        strategy,
        symbol,
        bar_date,
        coalesce(max(cash) over since_last_bar, starting_cash) as cash,
        coalesce(max(position_value) over since_last_bar, 0) as position_value

    from joined_to_sessions
    window since_last_bar as (
        partition by strategy, symbol, bars_so_far
    )

),

-- Summed in one order, so that a second build gives the same digits.
summed as (

    select
        strategy,
        bar_date,
        sum(cash order by symbol) as cash,
        sum(position_value order by symbol) as position_value

    from carried
    group by strategy, bar_date

)

select * from summed
