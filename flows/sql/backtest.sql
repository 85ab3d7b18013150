-- What `desk backtest` tells; read with the reader's rights.

-- name: metrics()
-- Every strategy's portfolio with all its figures and what the trial ledger leaves of
-- its Sharpe ratio, buy and hold last.
select
    metrics.*,
    trials.probabilistic_sharpe,
    trials.deflated_sharpe,
    trials.trials as trials_in_ledger
from marts.backtest_metrics as metrics
left join intermediate.int_strategies as strategies using (strategy)
left join lateral (
    select
        probabilistic_sharpe,
        deflated_sharpe,
        trials
    from marts.trials as trials
    where
        strategy = strategies.strategy
        and version = strategies.version
        and parameters = strategies.parameters
        and accounts = 'portfolio'
        and last_session = metrics.last_session
        -- Another engine's last digits are the same trial.
        and abs(
            cast(trials.metrics ->> 'sharpe' as double precision) - metrics.sharpe
        ) <= 1e-9 * abs(metrics.sharpe)
    order by trial_id desc
    limit 1
) as trials on true
where metrics.symbol = 'portfolio'
order by metrics.strategy = 'buy_and_hold', metrics.total_return desc, metrics.strategy;

-- name: trades()
-- Closed trades of the portfolios, oldest first.
select
    strategy,
    symbol,
    side,
    entry_date,
    exit_date,
    exit_reason,
    bars_held,
    qty,
    entry_price,
    exit_price,
    pnl,
    trade_return,
    costs
from marts.trades
where account = 'portfolio'
order by strategy, entry_date, symbol;

-- name: curves()
-- Equity and drawdown of the portfolios.
select
    strategy,
    bar_date,
    equity,
    equity / max(equity) over (
        partition by strategy
        order by bar_date
        rows between unbounded preceding and current row
    ) - 1 as drawdown
from marts.equity_curve
where symbol = 'portfolio'
order by strategy, bar_date;
