-- Starting cash + pnl of the closed trades + gain of the open positions is the final
-- equity at the account's last close, in every account, and where its curve ends.
with

final_equity as (

    select
        holdings.strategy,
        holdings.symbol,
        holdings.cash + holdings.qty * bars.close as equity,
        holdings.qty * bars.close as position_value

    from {{ ref('int_holdings') }} as holdings
    inner join {{ ref('int_symbols') }} as symbols using (symbol)
    inner join {{ ref('int_bars') }} as bars
        on
            symbols.symbol = bars.symbol
            and symbols.last_bar_date = bars.bar_date
    where holdings.until_date = {{ end_of_time() }}
    union all
    select
        strategy,
        'portfolio' as symbol,
        cash + position_value as equity,
        position_value

    from {{ ref('int_portfolio_equity') }}
    where
        bar_date = (
            select max(sessions.bar_date)
            from {{ ref('int_sessions') }} as sessions
        )

),

closed as (

    select
        strategy,
        case account when 'portfolio' then account else symbol end as symbol,
        sum(pnl) as pnl

    from {{ ref('trades') }}
    group by
        strategy,
        case account when 'portfolio' then account else symbol end

),

opened as (

    select
        strategy,
        case account when 'portfolio' then account else symbol end as symbol,
        sum(entry_value - margin) as paid

    from {{ ref('int_positions') }}
    where outcome = 'filled' and exit_value is null
    group by
        strategy,
        case account when 'portfolio' then account else symbol end

)

select
    curves.strategy,
    curves.symbol,
    final_equity.equity,
    final_equity.position_value,
    closed.pnl,
    opened.paid

from {{ ref('int_curves') }} as curves
left join final_equity using (strategy, symbol)
left join {{ ref('int_curve_summaries') }} as summaries using (strategy, symbol)
left join closed using (strategy, symbol)
left join opened using (strategy, symbol)
where
    (
        abs(
            {{ var('starting_cash') }}
            + coalesce(closed.pnl, 0)
            + final_equity.position_value - coalesce(opened.paid, 0)
            - final_equity.equity
        ) <= 1e-9 * abs(final_equity.equity)
        and abs(
            {{ var('starting_cash') }} * summaries.final_growth
            - final_equity.equity
        ) <= 1e-9 * abs(final_equity.equity)
    ) is not true
