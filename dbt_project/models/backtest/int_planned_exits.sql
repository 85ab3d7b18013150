{{ config(schema='intermediate') }}

with

entries as (

    select * from {{ ref('int_entries') }}

),

fills as (

    select * from {{ ref('int_fills') }}

),

bars as (

    select * from {{ ref('int_bars') }}

),

planned as (

    select
        entries.signal_key,
        entries.strategy,
        entries.symbol,
        entries.direction,
        entries.signal_date,
        entries.fill_date as entry_date,
        entries.bar_number as entry_bar_number,
        entries.cumulative_factor as entry_factor,
        entries.open as entry_open,
        entries.price as entry_price,
        entries.stop_loss,
        entries.take_profit,
        entries.trailing_stop,
        closing.signal_key as exit_signal_key,
        closing.signal_date as exit_signal_date,
        bars.bar_date as exit_date,
        bars.bar_number as exit_bar_number,
        bars.cumulative_factor as exit_factor,
        bars.open as exit_open

    from entries
    left join bars
        on
            entries.symbol = bars.symbol
            and entries.exit_bar_number = bars.bar_number
    left join fills as closing
        on
            entries.strategy = closing.strategy
            and entries.symbol = closing.symbol
            and bars.bar_number = closing.bar_number
            and closing.side = case entries.direction when 1 then 'sell' else 'buy' end

)

select * from planned
