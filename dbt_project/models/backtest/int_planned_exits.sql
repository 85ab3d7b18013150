{{ config(schema='intermediate') }}

with

fills as (

    select * from {{ ref('int_fills') }}

),

strategies as (

    select * from {{ ref('int_strategies') }}

),

bars as (

    select * from {{ ref('int_bars') }}

),

-- A buy opens a long position, a sell a short one if its strategy goes short. Either
-- is closed by the first opposite signal that fills after it.
joined_to_later as (

    select
        *,
        min(bar_number) filter (where side = 'sell') over later as sell_bar_number,
        min(signal_date) filter (where side = 'sell') over later as sell_signal_date,
        min(bar_number) filter (where side = 'buy') over later as buy_bar_number,
        min(signal_date) filter (where side = 'buy') over later as buy_signal_date

    from fills
    window later as (
        partition by symbol, strategy
        order by bar_number desc
        rows between unbounded preceding and 1 preceding
    )

),

entries as (

    select
        *,
        cast(case side when 'buy' then 1 else -1 end as bigint) as direction,
        case side when 'buy' then sell_bar_number else buy_bar_number end
            as opposite_bar_number,
        case side when 'buy' then sell_signal_date else buy_signal_date end
            as opposite_signal_date

    from joined_to_later

),

opening as (

    select
        entries.*,
        strategies.stop_loss_pct / 100 as stop_loss,
        strategies.take_profit_pct / 100 as take_profit,
        strategies.trailing_stop_pct / 100 as trailing_stop,
        least(
            entries.opposite_bar_number,
            entries.bar_number + strategies.max_holding_bars
        ) as exit_bar_number

    from entries
    left join strategies using (strategy)
    where entries.side = 'buy' or strategies.has_shorts

),

planned as (

    select
        opening.signal_key,
        opening.strategy,
        opening.symbol,
        opening.direction,
        opening.signal_date,
        opening.fill_date as entry_date,
        opening.bar_number as entry_bar_number,
        opening.cumulative_factor as entry_factor,
        opening.open as entry_open,
        opening.price as entry_price,
        opening.stop_loss,
        opening.take_profit,
        opening.trailing_stop,
        case
            when opening.opposite_bar_number = bars.bar_number
                then opening.opposite_signal_date
        end as exit_signal_date,
        bars.bar_date as exit_date,
        bars.bar_number as exit_bar_number,
        bars.cumulative_factor as exit_factor,
        bars.open as exit_open

    from opening
    left join bars
        on
            opening.symbol = bars.symbol
            and opening.exit_bar_number = bars.bar_number

),

keyed as (

    select
        *,
        strategy || '|' || symbol || '|' || {{ date_text('exit_signal_date') }}
            as exit_signal_key

    from planned

)

select * from keyed
