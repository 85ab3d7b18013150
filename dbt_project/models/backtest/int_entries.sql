{{ config(schema='intermediate') }}

with

fills as (

    select * from {{ ref('int_fills') }}

),

strategies as (

    select * from {{ ref('int_strategies') }}

),

-- A buy opens a long position, a sell a short one if its strategy goes short. Either
-- is closed by the first opposite signal that fills after it.
joined_to_opposite as (

    select
        *,
        case side when 'buy' then 1 else -1 end as direction,
        min(bar_number) filter (where side = 'sell') over later as next_sell,
        min(bar_number) filter (where side = 'buy') over later as next_buy

    from fills
    window later as (
        partition by strategy, symbol
        order by bar_number desc
        rows between unbounded preceding and 1 preceding
    )

),

opening as (

    select
        fills.signal_key,
        fills.strategy,
        fills.symbol,
        cast(fills.direction as bigint) as direction,
        fills.signal_date,
        fills.fill_date,
        fills.bar_number,
        fills.cumulative_factor,
        fills.open,
        fills.price,
        strategies.stop_loss_pct / 100 as stop_loss,
        strategies.take_profit_pct / 100 as take_profit,
        strategies.trailing_stop_pct / 100 as trailing_stop,
        least(
            case fills.direction when 1 then fills.next_sell else fills.next_buy end,
            fills.bar_number + strategies.max_holding_bars
        ) as exit_bar_number

    from joined_to_opposite as fills
    left join strategies using (strategy)
    where fills.side = 'buy' or strategies.has_shorts

)

select * from opening
