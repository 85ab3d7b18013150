-- The features of features.sql of bars whose windows are all full, for DuckDB alone, which
-- takes `over ()` with a lag as the rows stream by: 1 or 2 ns a value, where a window with
-- an order and a frame takes 120. Rows that lie sorted are sorted in no time. So a window
-- is put together from a later and an earlier one: 1 + 1 bars, 2 + 2, 4 + 4, 8 + 8, 16 + 4.
-- Squares are sums of squared distances from the mean: those of two windows of n bars with
-- the sums a and b make those of both with (a - b)² / 2n, which loses no digits. A lag
-- reaches into the symbol before; those bars are left out at the end.
with

ordered as (

    select * from bars
    order by symbol, bar_date

),

ones as (

    select
        *,
        ln(volume + 1) as log_volume,
        lag(close) over () as close_before,
        lag(close, 4) over () as close_4,
        lag(close, 14) over () as close_14,
        lag(high) over () as high_before,
        lag(low) over () as low_before,
        lag(volume, 4) over () as volume_4,
        volume + lag(volume) over () as volumes

    from ordered

),

changes as (

    select
        *,
        close / close_before - 1 as day_return,
        abs(close - close_before) as move,
        lag(log_volume) over () as log_volume_before,
        lag(volumes, 2) over () as volumes_before

    from ones

),

ones_joined as (

    select
        *,
        lag(day_return) over () as day_return_before,
        lag(move) over () as move_before

    from changes

),

twos as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        day_return,
        close_4,
        close_14,
        volumes + volumes_before + volume_4 as volumes_5,
        close + close_before as closes,
        log_volume + log_volume_before as logs,
        day_return + day_return_before as returns,
        (close - close_before) * (close - close_before) / 2 as close_squares,
        (log_volume - log_volume_before) * (log_volume - log_volume_before) / 2 as log_squares,
        (close - close_before) * (log_volume - log_volume_before) / 2 as shared_squares,
        (day_return - day_return_before) * (day_return - day_return_before) / 2 as return_squares,
        close_before as aged_closes,
        greatest(high, high_before) as highest,
        least(low, low_before) as lowest,
        move + move_before as moves

    from ones_joined

),

twos_joined as (

    select
        *,
        lag(closes, 2) over () as closes_before,
        lag(logs, 2) over () as logs_before,
        lag(returns, 2) over () as returns_before,
        lag(close_squares, 2) over () as close_squares_before,
        lag(log_squares, 2) over () as log_squares_before,
        lag(shared_squares, 2) over () as shared_squares_before,
        lag(return_squares, 2) over () as return_squares_before,
        lag(aged_closes, 2) over () as aged_closes_before,
        lag(highest, 2) over () as highest_before,
        lag(lowest, 2) over () as lowest_before,
        lag(moves, 2) over () as moves_before,
        lag(moves, 12) over () as moves_12

    from twos

),

fours as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        day_return,
        volumes_5,
        close_14,
        moves_12,
        closes + closes_before + close_4 as closes_5,
        closes + closes_before as closes,
        logs + logs_before as logs,
        returns + returns_before as returns,
        close_squares + close_squares_before + (closes - closes_before) * (closes - closes_before) / 4 as close_squares,
        log_squares + log_squares_before + (logs - logs_before) * (logs - logs_before) / 4 as log_squares,
        shared_squares + shared_squares_before + (closes - closes_before) * (logs - logs_before) / 4 as shared_squares,
        return_squares + return_squares_before + (returns - returns_before) * (returns - returns_before) / 4 as return_squares,
        aged_closes + aged_closes_before + 2 * closes_before as aged_closes,
        greatest(highest, highest_before) as highest,
        least(lowest, lowest_before) as lowest,
        moves + moves_before as moves

    from twos_joined

),

fours_joined as (

    select
        *,
        lag(closes, 4) over () as closes_before,
        lag(logs, 4) over () as logs_before,
        lag(returns, 4) over () as returns_before,
        lag(close_squares, 4) over () as close_squares_before,
        lag(log_squares, 4) over () as log_squares_before,
        lag(shared_squares, 4) over () as shared_squares_before,
        lag(return_squares, 4) over () as return_squares_before,
        lag(aged_closes, 4) over () as aged_closes_before,
        lag(highest, 4) over () as highest_before,
        lag(lowest, 4) over () as lowest_before,
        lag(moves, 4) over () as moves_before,
        lag(moves, 8) over () as moves_8,
        lag(closes, 16) over () as closes_16,
        lag(close_squares, 16) over () as close_squares_16,
        lag(log_squares, 16) over () as log_squares_16,
        lag(shared_squares, 16) over () as shared_squares_16,
        lag(return_squares, 16) over () as return_squares_16,
        lag(logs, 16) over () as logs_16,
        lag(returns, 16) over () as returns_16,
        lag(aged_closes, 16) over () as aged_closes_16

    from fours

),

eights as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        day_return,
        volumes_5,
        closes_5,
        closes_16,
        logs_16,
        returns_16,
        close_squares_16,
        log_squares_16,
        shared_squares_16,
        return_squares_16,
        aged_closes_16,
        moves + moves_before + moves_8 + moves_12 as moves_14,
        close - close_14 as change_14,
        closes + closes_before as closes,
        logs + logs_before as logs,
        returns + returns_before as returns,
        close_squares + close_squares_before + (closes - closes_before) * (closes - closes_before) / 8 as close_squares,
        log_squares + log_squares_before + (logs - logs_before) * (logs - logs_before) / 8 as log_squares,
        shared_squares + shared_squares_before + (closes - closes_before) * (logs - logs_before) / 8 as shared_squares,
        return_squares + return_squares_before + (returns - returns_before) * (returns - returns_before) / 8 as return_squares,
        aged_closes + aged_closes_before + 4 * closes_before as aged_closes,
        greatest(highest, highest_before) as highest,
        least(lowest, lowest_before) as lowest

    from fours_joined

),

eights_joined as (

    select
        *,
        lag(closes, 8) over () as closes_before,
        lag(logs, 8) over () as logs_before,
        lag(returns, 8) over () as returns_before,
        lag(close_squares, 8) over () as close_squares_before,
        lag(log_squares, 8) over () as log_squares_before,
        lag(shared_squares, 8) over () as shared_squares_before,
        lag(return_squares, 8) over () as return_squares_before,
        lag(aged_closes, 8) over () as aged_closes_before,
        lag(highest, 8) over () as highest_before,
        lag(lowest, 8) over () as lowest_before,
        lag(highest, 12) over () as highest_12,
        lag(lowest, 12) over () as lowest_12

    from eights

),

sixteens as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        day_return,
        volumes_5,
        closes_5,
        moves_14,
        change_14,
        closes_16,
        logs_16,
        returns_16,
        close_squares_16,
        log_squares_16,
        shared_squares_16,
        return_squares_16,
        aged_closes_16,
        closes + closes_before as closes,
        logs + logs_before as logs,
        returns + returns_before as returns,
        close_squares + close_squares_before + (closes - closes_before) * (closes - closes_before) / 16 as close_squares,
        log_squares + log_squares_before + (logs - logs_before) * (logs - logs_before) / 16 as log_squares,
        shared_squares + shared_squares_before + (closes - closes_before) * (logs - logs_before) / 16 as shared_squares,
        return_squares + return_squares_before + (returns - returns_before) * (returns - returns_before) / 16 as return_squares,
        aged_closes + aged_closes_before + 8 * closes_before as aged_closes,
        greatest(highest, highest_before, highest_12) as highest,
        least(lowest, lowest_before, lowest_12) as lowest

    from eights_joined

),

twenties as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        day_return,
        volumes_5,
        closes_5,
        moves_14,
        change_14,
        highest,
        lowest,
        closes + closes_16 as closes_20,
        close_squares + close_squares_16 + (closes - 4 * closes_16) * (closes - 4 * closes_16) / 80 as close_squares,
        log_squares + log_squares_16 + (logs - 4 * logs_16) * (logs - 4 * logs_16) / 80 as log_squares,
        shared_squares + shared_squares_16 + (closes - 4 * closes_16) * (logs - 4 * logs_16) / 80 as shared_squares,
        return_squares + return_squares_16 + (returns - 4 * returns_16) * (returns - 4 * returns_16) / 80 as return_squares,
        aged_closes + aged_closes_16 + 16 * closes_16 as aged_closes

    from sixteens

),

twenties_joined as (

    select
        *,
        lag(closes_20, 20) over () as closes_40,
        lag(closes_20, 40) over () as closes_60

    from twenties

)

select
    symbol,
    bar_date,
    day_return as roc_1,
    (close - open) / open as body,
    (high - low) / open as spread,
    closes_5 / 5 / close as sma_5,
    closes_20 / 20 / close as sma_20,
    (closes_20 + closes_40 + closes_60) / 60 / close as sma_60,
    sqrt(close_squares / 19) / close as deviation_20,
    highest / close as high_20,
    lowest / close as low_20,
    volumes_5 / 5 / volume as volume_5,
    sqrt(return_squares / 19) as volatility_20,
    shared_squares / sqrt(close_squares * log_squares) as volume_correlation_20,
    (9.5 * closes_20 - aged_closes) / 665 / close as slope_20,
    -- Gains less losses are the change, gains and losses the moves.
    (1 + change_14 / nullif(moves_14, 0)) / 2 as gains_14

from twenties_joined
where bar_number >= 60
