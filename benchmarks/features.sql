-- Fourteen features of each bar, as benchmarks/rivals/qlib_features.py asks qlib for
-- them: windows are as long as there are bars at a symbol's beginning. The same on
-- Postgres and DuckDB.
with

compared as (

    select
        symbol,
        bar_date,
        bar_number,
        open,
        high,
        low,
        close,
        volume,
        ln(volume + 1) as log_volume,
        close - lag(close) over bars_of_symbol as change,
        close / lag(close) over bars_of_symbol - 1 as day_return

    from bars
    window bars_of_symbol as (partition by symbol order by bar_date)

)

select
    symbol,
    bar_date,
    day_return as roc_1,
    (close - open) / open as body,
    (high - low) / open as spread,
    avg(close) over last_5 / close as sma_5,
    avg(close) over last_20 / close as sma_20,
    avg(close) over last_60 / close as sma_60,
    stddev_samp(close) over last_20 / close as deviation_20,
    max(high) over last_20 / close as high_20,
    min(low) over last_20 / close as low_20,
    avg(volume) over last_5 / volume as volume_5,
    stddev_samp(day_return) over last_20 as volatility_20,
    corr(close, log_volume) over last_20 as volume_correlation_20,
    regr_slope(close, bar_number) over last_20 / close as slope_20,
    sum(greatest(change, 0)) over last_14
    / nullif(sum(abs(change)) over last_14, 0) as gains_14

from compared
window
    last_5 as (
        partition by symbol order by bar_date rows between 4 preceding and current row
    ),
    last_14 as (
        partition by symbol order by bar_date rows between 13 preceding and current row
    ),
    last_20 as (
        partition by symbol order by bar_date rows between 19 preceding and current row
    ),
    last_60 as (
        partition by symbol order by bar_date rows between 59 preceding and current row
    )
