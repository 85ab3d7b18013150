-- Weekly and monthly bars as traded, where TimescaleDB keeps them: continuous aggregates.
-- What is not materialised yet is aggregated when it is read.

create materialized view raw.bars_weekly
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
    symbol,
    time_bucket('1 week', bar_date) as week_start,
    min(bar_date) as first_bar_date,
    max(bar_date) as last_bar_date,
    count(*) as bars,
    first(open, bar_date) as open,
    max(high) as high,
    min(low) as low,
    last(close, bar_date) as close,
    sum(volume) as volume
from raw.raw_prices
group by symbol, time_bucket('1 week', bar_date)
with no data;

create materialized view raw.bars_monthly
with (timescaledb.continuous, timescaledb.materialized_only = false) as
select
    symbol,
    time_bucket('1 month', bar_date) as month_start,
    min(bar_date) as first_bar_date,
    max(bar_date) as last_bar_date,
    count(*) as bars,
    first(open, bar_date) as open,
    max(high) as high,
    min(low) as low,
    last(close, bar_date) as close,
    sum(volume) as volume
from raw.raw_prices
group by symbol, time_bucket('1 month', bar_date)
with no data;
