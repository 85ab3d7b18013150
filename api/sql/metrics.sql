-- One row per strategy in one kind of account, the best first.

select
    strategy,
    symbol,
    trades,
    total_return,
    cagr,
    volatility,
    sharpe,
    sortino,
    calmar,
    max_drawdown,
    max_drawdown_bars,
    var_95,
    cvar_95,
    exposure,
    turnover,
    costs,
    win_rate,
    profit_factor,
    payoff,
    expectancy,
    sqn,
    mean_bars_held,
    best_trade,
    worst_trade,
    alpha,
    beta,
    first_session,
    last_session
from marts.backtest_metrics
where
    (%(strategy)s::text is null or strategy = %(strategy)s)
    and (%(symbol)s::text is null or symbol = %(symbol)s)
order by symbol = 'portfolio' desc, symbol, total_return desc, strategy
