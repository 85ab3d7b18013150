with

curve_metrics as (

    select * from {{ ref('int_curve_metrics') }}

),

trade_metrics as (

    select * from {{ ref('int_trade_metrics') }}

),

money_moved as (

    select * from {{ ref('int_money_moved') }}

),

joined as (

    select
        curve_metrics.strategy,
        curve_metrics.symbol,
        coalesce(trade_metrics.trades, 0) as trades,
        curve_metrics.total_return,
        curve_metrics.cagr,
        curve_metrics.volatility,
        curve_metrics.sharpe,
        curve_metrics.sortino,
        curve_metrics.calmar,
        curve_metrics.max_drawdown,
        curve_metrics.max_drawdown_bars,
        curve_metrics.var_95,
        curve_metrics.cvar_95,
        curve_metrics.exposure,
        money_moved.value / 2 / nullif(curve_metrics.mean_equity, 0)
        / nullif(curve_metrics.years, 0) as turnover,
        coalesce(money_moved.costs, 0) as costs,
        trade_metrics.win_rate,
        trade_metrics.profit_factor,
        trade_metrics.payoff,
        trade_metrics.expectancy,
        trade_metrics.sqn,
        trade_metrics.mean_bars_held,
        trade_metrics.best_trade,
        trade_metrics.worst_trade,
        curve_metrics.alpha,
        curve_metrics.beta,
        curve_metrics.first_session,
        curve_metrics.last_session

    from curve_metrics
    left join trade_metrics using (strategy, symbol)
    left join money_moved using (strategy, symbol)

)

select * from joined
