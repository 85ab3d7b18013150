{{ config(schema='intermediate') }}

with

trades as (

    select
        *,
        case account when 'portfolio' then 'portfolio' else symbol end as curve

    from {{ ref('trades') }}

),

summarised as (

    select
        strategy,
        curve as symbol,
        count(*) as trades,
        cast(count(*) filter (where pnl > 0) as double precision)
        / count(*) as win_rate,
        coalesce(sum(pnl {{ in_order('trade_key') }}) filter (where pnl > 0), 0)
        / nullif(-sum(pnl {{ in_order('trade_key') }}) filter (where pnl < 0), 0)
            as profit_factor,
        avg(pnl {{ in_order('trade_key') }}) filter (where pnl > 0)
        / nullif(-avg(pnl {{ in_order('trade_key') }}) filter (where pnl < 0), 0)
            as payoff,
        avg(trade_return {{ in_order('trade_key') }}) as expectancy,
        sqrt(count(*)) * avg(pnl {{ in_order('trade_key') }})
        / nullif(stddev_samp(pnl {{ in_order('trade_key') }}), 0) as sqn,
        cast(avg(bars_held) as double precision) as mean_bars_held,
        max(trade_return) as best_trade,
        min(trade_return) as worst_trade

    from trades
    group by strategy, curve

)

select * from summarised
