-- Starting cash + pnl of the closed trades + gain of the open position is the
-- final equity, for each strategy and symbol.
with

final_equity as (

    select distinct on (strategy, symbol)
        strategy,
        symbol,
        equity,
        position_value

    from {{ ref('equity_curve') }}
    where symbol <> 'portfolio'
    order by strategy asc, symbol asc, bar_date desc

),

starting_cash as (

    select
        strategy,
        symbol,
        cash

    from {{ ref('int_holdings') }}
    where signal_key is null

),

closed_pnl as (

    select
        strategy,
        symbol,
        sum(pnl) as pnl

    from {{ ref('trades') }}
    group by strategy, symbol

),

open_positions as (

    select
        holdings.strategy,
        holdings.symbol,
        holdings.qty / fills.exchange_rate as entry_value

    from {{ ref('int_holdings') }} as holdings
    inner join {{ ref('int_fills') }} as fills using (signal_key)
    where holdings.until_bar_number is null and fills.side = 'buy'

)

select
    final_equity.*,
    starting_cash.cash as starting_cash,
    closed_pnl.pnl as closed_pnl,
    open_positions.entry_value as open_entry_value

from final_equity
inner join starting_cash using (strategy, symbol)
left join closed_pnl using (strategy, symbol)
left join open_positions using (strategy, symbol)
where
    abs(
        starting_cash.cash
        + coalesce(closed_pnl.pnl, 0)
        + coalesce(final_equity.position_value - open_positions.entry_value, 0)
        - final_equity.equity
    ) > 1e-9 * final_equity.equity
