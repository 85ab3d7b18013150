-- The features of features.sql of bars whose windows are all full, for DuckDB alone, which
-- takes `over ()` with a lag as the rows stream by: less than 1 ns a value, where a window
-- with an order and a frame takes 80. Rows stream as they were stored, here symbol by symbol
-- and in order; who isn't sure of that has to sort them. So a window is put together from a
-- later and an earlier one: 1 + 1 bars, 2 + 2 and one more, 5 + 5, 10 + 10. A lag reaches
-- into the symbol before; those bars are left out.

-- The value some bars before.
create or replace temporary macro earlier(value, bars) as lag(value, bars) over ();

-- A sum over twice as many bars.
create or replace temporary macro joined(total, bars) as total + earlier(total, bars);

-- What a sum of products of distances from two means gains with twice as many bars, as
-- the means of the windows lie apart: (a1 - a2) (b1 - b2) / 2n of their sums. It loses no
-- digits.
create or replace temporary macro apart(a, b, bars) as
    (a - earlier(a, bars)) * (b - earlier(b, bars)) / (2 * bars);

-- The same of one bar before four.
create or replace temporary macro apart_5(a_4, a, b_4, b) as
    (a_4 - 4 * earlier(a, 4)) * (b_4 - 4 * earlier(b, 4)) / 20;

-- The sum of values times their ages in bars, over twice as many bars.
create or replace temporary macro aged(total, sums, bars) as
    joined(total, bars) + bars * earlier(sums, bars);

-- DuckDB's greatest() and least() take longer, 25 ns for 4-byte floats.
create or replace temporary macro higher(one, other) as
    case when one > other then one else other end;

create or replace temporary macro lower(one, other) as
    case when one < other then one else other end;

create or replace temporary view streamed as
with

ones as (

    select
        *,
        earlier(close, 1) as close_before,
        close - earlier(close, 14) as change_14,
        ln(volume + 1) as log_volume

    from bars

),

changes as (

    select
        *,
        close / close_before - 1 as day_return,
        abs(close - close_before) as move

    from ones

),

twos as (

    select
        *,
        joined(close, 1) as closes_2,
        joined(log_volume, 1) as logs_2,
        joined(day_return, 1) as returns_2,
        joined(volume, 1) as volumes_2,
        joined(move, 1) as moves_2,
        close_before as aged_2,
        apart(close, close, 1) as close_squares_2,
        apart(log_volume, log_volume, 1) as log_squares_2,
        apart(close, log_volume, 1) as close_logs_2,
        apart(day_return, day_return, 1) as return_squares_2,
        higher(high, earlier(high, 1)) as high_2,
        lower(low, earlier(low, 1)) as low_2

    from changes

),

fives as (

    select
        *,
        joined(closes_2, 2) as closes_4,
        joined(logs_2, 2) as logs_4,
        joined(returns_2, 2) as returns_4,
        joined(moves_2, 2) as moves_4,
        closes_4 + earlier(close, 4) as closes_5,
        logs_4 + earlier(log_volume, 4) as logs_5,
        returns_4 + earlier(day_return, 4) as returns_5,
        joined(volumes_2, 2) + earlier(volume, 4) as volumes_5,
        moves_4 + earlier(move, 4) as moves_5,
        aged(aged_2, closes_2, 2) + 4 * earlier(close, 4) as aged_5,
        joined(close_squares_2, 2) + apart(closes_2, closes_2, 2)
        + apart_5(closes_4, close, closes_4, close) as close_squares_5,
        joined(log_squares_2, 2) + apart(logs_2, logs_2, 2)
        + apart_5(logs_4, log_volume, logs_4, log_volume) as log_squares_5,
        joined(close_logs_2, 2) + apart(closes_2, logs_2, 2)
        + apart_5(closes_4, close, logs_4, log_volume) as close_logs_5,
        joined(return_squares_2, 2) + apart(returns_2, returns_2, 2)
        + apart_5(returns_4, day_return, returns_4, day_return) as return_squares_5,
        higher(higher(high_2, earlier(high_2, 2)), earlier(high, 4)) as high_5,
        lower(lower(low_2, earlier(low_2, 2)), earlier(low, 4)) as low_5

    from twos

),

tens as (

    select
        *,
        joined(closes_5, 5) as closes_10,
        joined(logs_5, 5) as logs_10,
        joined(returns_5, 5) as returns_10,
        joined(moves_5, 5) as moves_10,
        aged(aged_5, closes_5, 5) as aged_10,
        joined(close_squares_5, 5) + apart(closes_5, closes_5, 5) as close_squares_10,
        joined(log_squares_5, 5) + apart(logs_5, logs_5, 5) as log_squares_10,
        joined(close_logs_5, 5) + apart(closes_5, logs_5, 5) as close_logs_10,
        joined(return_squares_5, 5) + apart(returns_5, returns_5, 5) as return_squares_10,
        higher(high_5, earlier(high_5, 5)) as high_10,
        lower(low_5, earlier(low_5, 5)) as low_10

    from fives

),

twenties as (

    select
        *,
        joined(closes_10, 10) as closes_20,
        aged(aged_10, closes_10, 10) as aged_20,
        moves_10 + earlier(moves_4, 10) as moves_14,
        joined(close_squares_10, 10) + apart(closes_10, closes_10, 10) as close_squares_20,
        joined(log_squares_10, 10) + apart(logs_10, logs_10, 10) as log_squares_20,
        joined(close_logs_10, 10) + apart(closes_10, logs_10, 10) as close_logs_20,
        joined(return_squares_10, 10) + apart(returns_10, returns_10, 10) as return_squares_20,
        higher(high_10, earlier(high_10, 10)) as highest_20,
        lower(low_10, earlier(low_10, 10)) as lowest_20

    from tens

),

sixties as (

    select
        *,
        closes_20 + earlier(closes_20, 20) + earlier(closes_20, 40) as closes_60

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
    closes_60 / 60 / close as sma_60,
    sqrt(close_squares_20 / 19) / close as deviation_20,
    highest_20 / close as high_20,
    lowest_20 / close as low_20,
    volumes_5 / 5 / volume as volume_5,
    sqrt(return_squares_20 / 19) as volatility_20,
    close_logs_20 / sqrt(close_squares_20 * log_squares_20) as volume_correlation_20,
    (9.5 * closes_20 - aged_20) / 665 / close as slope_20,
    -- Gains less losses are the change, gains and losses the moves.
    (1 + change_14 / nullif(moves_14, 0)) / 2 as gains_14

from sixties
where bar_number >= 60
