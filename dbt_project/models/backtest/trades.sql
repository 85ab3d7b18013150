with

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

symbols as (

    select * from {{ ref('int_symbols') }}

),

closed as (

    select
        positions.account,
        positions.signal_key as trade_key,
        positions.strategy,
        positions.symbol,
        case candidates.direction when 1 then 'long' else 'short' end as side,
        positions.signal_key as entry_signal_key,
        candidates.exit_signal_key,
        candidates.signal_date as entry_signal_date,
        candidates.exit_signal_date,
        candidates.entry_date,
        candidates.exit_date,
        candidates.exit_reason,
        candidates.exit_bar_number - candidates.entry_bar_number as bars_held,
        abs(positions.qty) * candidates.entry_factor as qty,
        candidates.entry_price / candidates.entry_factor as entry_price,
        candidates.exit_price / candidates.exit_factor as exit_price,
        candidates.entry_price / symbols.cumulative_factor as adjusted_entry_price,
        candidates.exit_price / symbols.cumulative_factor as adjusted_exit_price,
        positions.entry_value,
        positions.exit_value,
        positions.exit_value - positions.entry_value as pnl,
        positions.exit_value / positions.entry_value - 1 as trade_return,
        positions.entry_fee + positions.exit_fee
        + positions.qty * (candidates.entry_price - candidates.entry_open)
        + positions.qty * (candidates.exit_level - candidates.exit_price) as costs

    from positions
    inner join candidates using (signal_key)
    inner join symbols on positions.symbol = symbols.symbol
    where candidates.exit_date is not null and positions.outcome = 'filled'

)

select * from closed
