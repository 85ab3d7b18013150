{{ config(schema='intermediate') }}

{% set bars_per_year = 252 %}

with

summaries as (

    select
        *,
        returns / {{ bars_per_year }} as years

    from {{ ref('int_curve_summaries') }}

),

joined_to_benchmark as (

    select
        summaries.*,
        benchmarks.mean_return as mean_benchmark_return,
        benchmarks.deviation as benchmark_deviation

    from summaries
    left join summaries as benchmarks
        on
            summaries.symbol = benchmarks.symbol
            and benchmarks.strategy = 'buy_and_hold'

),

compared as (

    select
        *,
        (mean_product - mean_return * mean_benchmark_return)
        * returns / nullif(returns - 1, 0)
        / nullif(benchmark_deviation * benchmark_deviation, 0) as beta

    from joined_to_benchmark

),

annualised as (

    select
        *,
        final_growth - 1 as total_return,
        power(greatest(final_growth, 0), 1 / nullif(years, 0)) - 1 as cagr,
        deviation * sqrt({{ bars_per_year }}) as volatility,
        mean_return / nullif(deviation, 0) * sqrt({{ bars_per_year }}) as sharpe,
        mean_return / nullif(downside_deviation, 0) * sqrt({{ bars_per_year }})
            as sortino,
        (mean_return - beta * mean_benchmark_return) * {{ bars_per_year }} as alpha

    from compared

),

selected as (

    select
        strategy,
        symbol,
        total_return,
        cagr,
        volatility,
        sharpe,
        sortino,
        cagr / nullif(-max_drawdown, 0) as calmar,
        max_drawdown,
        max_drawdown_bars,
        var_95,
        cvar_95,
        exposure,
        alpha,
        beta,
        mean_equity,
        years,
        first_session,
        last_session

    from annualised

)

select * from selected
