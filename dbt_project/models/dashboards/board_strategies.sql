with

backtest_metrics as (

    select * from {{ ref('backtest_metrics') }}

),

beside_hold as (

    select
        {{ strategy_in_words('metrics.strategy') }} as strategy,
        case metrics.symbol
            when 'portfolio' then 'Portfolio' else metrics.symbol
        end as account,
        metrics.total_return,
        metrics.total_return - hold.total_return as beyond_hold,
        metrics.cagr,
        metrics.volatility,
        metrics.sharpe,
        metrics.sortino,
        metrics.max_drawdown,
        metrics.exposure,
        metrics.trades,
        metrics.win_rate,
        metrics.profit_factor,
        metrics.costs

    from backtest_metrics as metrics
    left join backtest_metrics as hold
        on metrics.symbol = hold.symbol and hold.strategy = 'buy_and_hold'

)

select * from beside_hold
