with

fills as (

    select * from {{ ref('int_fills') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}

),

symbols as (

    select * from {{ ref('int_symbols') }}

),

paired as (

    select
        fills.*,
        before.cash as entry_value,
        after.qty as adjusted_qty,
        lead(fills.signal_key) over by_bar as exit_signal_key,
        lead(fills.signal_date) over by_bar as exit_signal_date,
        lead(fills.fill_date) over by_bar as exit_date,
        lead(fills.bar_number) over by_bar as exit_bar_number,
        lead(fills.cumulative_factor) over by_bar as exit_factor,
        lead(fills.price) over by_bar as exit_price,
        lead(after.cash) over by_bar as exit_value

    from fills
    inner join holdings as after using (strategy, symbol, signal_key)
    inner join holdings as before
        on
            fills.strategy = before.strategy
            and fills.symbol = before.symbol
            and fills.bar_number = before.until_bar_number
    window by_bar as (
        partition by fills.strategy, fills.symbol
        order by fills.bar_number
    )

),

closed as (

    select
        paired.signal_key as trade_key,
        paired.strategy,
        paired.symbol,
        paired.signal_key as entry_signal_key,
        paired.exit_signal_key,
        paired.signal_date as entry_signal_date,
        paired.exit_signal_date,
        paired.fill_date as entry_date,
        paired.exit_date,
        paired.exit_bar_number - paired.bar_number as bars_held,
        paired.adjusted_qty * paired.cumulative_factor as qty,
        paired.price / paired.cumulative_factor as entry_price,
        paired.exit_price / paired.exit_factor as exit_price,
        paired.price / symbols.cumulative_factor as adjusted_entry_price,
        paired.exit_price / symbols.cumulative_factor as adjusted_exit_price,
        paired.entry_value,
        paired.exit_value,
        paired.exit_value - paired.entry_value as pnl,
        paired.exit_value / paired.entry_value - 1 as trade_return

    from paired
    inner join symbols using (symbol)
    where paired.side = 'buy' and paired.exit_signal_key is not null

)

select * from closed
