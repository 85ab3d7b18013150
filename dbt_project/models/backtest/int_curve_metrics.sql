{{ config(schema='intermediate') }}

{% set bars_per_year = 252 %}

with

summaries as (

    select
        *,
        returns / {{ bars_per_year }} as years

    from {{ ref('int_curve_summaries') }}

),

-- The benchmark of the same sessions: an account at zero has no returns after it.
compared_with_benchmark as (

    select
        summaries.*,
        benchmarks.mean_return as mean_benchmark_return,
        (summaries.mean_product - summaries.mean_return * benchmarks.mean_return)
        * summaries.returns / nullif(summaries.returns - 1, 0)
        / nullif(benchmarks.deviation * benchmarks.deviation, 0) as beta

    from summaries
    left join summaries as benchmarks
        on
            summaries.symbol = benchmarks.symbol
            and summaries.returns = benchmarks.returns
            and benchmarks.strategy = 'buy_and_hold'

),

-- Compounded over a year, a bar or two can be more or less than a number holds.
annualised as (

    select
        *,
        final_growth - 1 as total_return,
        case
            when final_growth <= 0 then -1
            when abs(ln(final_growth) / nullif(years, 0)) < 600
                then power(final_growth, 1 / years) - 1
        end as cagr,
        deviation * sqrt({{ bars_per_year }}) as volatility,
        mean_return / nullif(deviation, 0) * sqrt({{ bars_per_year }}) as sharpe,
        mean_return / nullif(downside_deviation, 0) * sqrt({{ bars_per_year }})
            as sortino,
        (mean_return - beta * mean_benchmark_return) * {{ bars_per_year }} as alpha

    from compared_with_benchmark

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
