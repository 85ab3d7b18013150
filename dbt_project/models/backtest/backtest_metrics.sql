{% set bars_per_year = 252 %}

with

equity_curve as (

    select * from {{ ref('equity_curve') }}

),

trades as (

    select * from {{ ref('trades') }}

),

compared_to_peak as (

    select
        *,
        equity / max(equity) over (
            partition by strategy, symbol
            order by bar_date
            rows between unbounded preceding and current row
        ) - 1 as drawdown,
        equity / first_value(equity) over (
            partition by strategy, symbol
            order by bar_date
            rows between unbounded preceding and current row
        ) as growth

    from equity_curve

),

-- Aggregated in one order, so that a second build gives the same digits.
summarised as (

    select
        strategy,
        symbol,
        (array_agg(growth order by bar_date desc))[1] as final_growth,
        cast(count(daily_return) as double precision) / {{ bars_per_year }} as years,
        avg(daily_return order by bar_date) as mean_return,
        stddev_samp(daily_return order by bar_date) as return_deviation,
        min(drawdown) as max_drawdown,
        cast(count(*) filter (where position_value > 0) as double precision)
        / count(*) as exposure,
        min(bar_date) as first_session,
        max(bar_date) as last_session

    from compared_to_peak
    group by strategy, symbol

),

counted as (

    select
        strategy,
        coalesce(symbol, 'portfolio') as symbol,
        count(*) as trades,
        cast(count(*) filter (where pnl > 0) as double precision)
        / count(*) as win_rate

    from trades
    group by grouping sets ((strategy, symbol), (strategy))

),

measured as (

    select
        strategy,
        symbol,
        coalesce(counted.trades, 0) as trades,
        summarised.final_growth - 1 as total_return,
        power(summarised.final_growth, 1 / nullif(summarised.years, 0)) - 1 as cagr,
        summarised.return_deviation * sqrt({{ bars_per_year }}) as volatility,
        summarised.mean_return / nullif(summarised.return_deviation, 0)
        * sqrt({{ bars_per_year }}) as sharpe,
        summarised.max_drawdown,
        summarised.exposure,
        counted.win_rate,
        summarised.first_session,
        summarised.last_session

    from summarised
    left join counted using (strategy, symbol)

)

select * from measured
