{# A curve of each strategy for a symbol's bars. #}
{{ config(
    schema='intermediate', meta={'bars_at_once': var('bars_at_once') // 4}
) }}

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
summarised as (

    select
        curves.strategy,
        curves.symbol,
        summary.*

    from curves
    cross join
        lateral (
            select
                {{ last_by('growth', 'bar_date', 'count(*)') }} as final_growth,
                cast(count(daily_return) as double precision) as returns,
                avg(daily_return {{ in_order('bar_date') }}) as mean_return,
                stddev_samp(daily_return {{ in_order('bar_date') }}) as deviation,
                sqrt(
                    avg(
                        least(daily_return, 0) * least(daily_return, 0)
                        {{ in_order('bar_date') }}
                    )
                    filter (where daily_return is not null)
                ) as downside_deviation,
                min(drawdown) as max_drawdown,
                max(bars_below_peak) as max_drawdown_bars,
                percentile_cont(0.05) within group (order by daily_return) as var_95,
                {{ first_of_list(
                    sorted_list('daily_return'),
                    'count(daily_return)',
                    'cast(ceil((count(daily_return) - 1) * 0.95 - 1e-9) as int)',
                ) }} as worst_returns,
                regr_slope(daily_return, benchmark_return {{ in_order('bar_date') }})
                    as beta,
                avg(benchmark_return {{ in_order('bar_date') }})
                filter (where daily_return is not null) as mean_benchmark_return,
                cast(count(*) filter (where position_value <> 0) as double precision)
                / count(*) as exposure,
                avg(equity {{ in_order('bar_date') }}) as mean_equity,
                min(bar_date) as first_session,
                max(bar_date) as last_session

            from daily_returns
            where
                strategy = curves.strategy
                and symbol = curves.symbol
        ) as summary

)

select * from summarised
