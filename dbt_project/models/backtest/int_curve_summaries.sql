{# A curve of each strategy for a symbol's bars. #}
{{ config(
    schema='intermediate', meta={'bars_at_once': var('bars_at_once') // 4}
) }}

{% set worst = 'returns - ceil((returns - 1) * 0.95 - 1e-9)' %}

with

curves as (

    select * from {{ ref('int_curves') }}
    where {{ in_part('symbol') }}

),

daily_returns as (

    select * from {{ ref('int_daily_returns') }}

),

-- Curve by curve, which keeps each in memory; aggregated in one order, so that a
-- second build gives the same digits.
summed as (

    select
        curves.strategy,
        curves.symbol,
        sums.*

    from curves
    cross join
        lateral (
            select
                {{ last_by('growth', 'bar_date', 'count(*)') }} as final_growth,
                cast(sum(bars) as double precision) as sessions,
                cast(
                    coalesce(sum(bars) filter (where daily_return is not null), 0)
                    as double precision
                ) as returns,
                cast(count(daily_return) as double precision) as listed,
                cast(count(*) filter (where daily_return < 0) as double precision)
                    as losses,
                {{ sorted_list('daily_return') }} as sorted_returns,
                sum(daily_return {{ in_order('bar_date') }}) as summed_return,
                var_samp(daily_return {{ in_order('bar_date') }}) as listed_variance,
                sum(
                    least(daily_return, 0) * least(daily_return, 0)
                    {{ in_order('bar_date') }}
                ) as summed_square_of_losses,
                sum(daily_return * benchmark_return {{ in_order('bar_date') }})
                    as summed_product,
                min(drawdown) as max_drawdown,
                max(bars_below_peak) as max_drawdown_bars,
                cast(count(*) filter (where position_value <> 0) as double precision)
                    as held_sessions,
                sum(equity * bars {{ in_order('bar_date') }}) as summed_equity,
                min(bar_date) as first_session,
                max(bar_date) as last_session

            from daily_returns
            where
                strategy = curves.strategy
                and symbol = curves.symbol
        ) as sums

),

-- Returns that are not listed are zeros. A variance with them: of the listed ones, and
-- between these and the zeros.
summarised as (

    select
        strategy,
        symbol,
        final_growth,
        returns,
        summed_return / nullif(returns, 0) as mean_return,
        sqrt(
            (
                (listed - 1) * coalesce(listed_variance, 0)
                + summed_return * summed_return / nullif(listed, 0)
                * (returns - listed) / nullif(returns, 0)
            ) / nullif(greatest(returns - 1, 0), 0)
        ) as deviation,
        sqrt(summed_square_of_losses / nullif(returns, 0)) as downside_deviation,
        max_drawdown,
        max_drawdown_bars,
        {{ percentile_with_zeros(
            0.05, 'sorted_returns', 'returns', 'losses', 'returns - listed'
        ) }} as var_95,
        {{ mean_of_lowest_with_zeros(
            worst, 'sorted_returns', 'losses', 'returns - listed'
        ) }} as cvar_95,
        summed_product / nullif(returns, 0) as mean_product,
        held_sessions / sessions as exposure,
        summed_equity / sessions as mean_equity,
        first_session,
        last_session

    from summed

)

select * from summarised
