-- Weekly and monthly bars as traded, where there is no TimescaleDB: plain views.

create view raw.bars_weekly as
select
    symbol,
    date_trunc('week', bar_date)::date as week_start,
    min(bar_date) as first_bar_date,
    max(bar_date) as last_bar_date,
    count(*) as bars,
    (array_agg(open order by bar_date))[1] as open,
    max(high) as high,
    min(low) as low,
    (array_agg(close order by bar_date desc))[1] as close,
    sum(volume) as volume
from raw.raw_prices
group by symbol, date_trunc('week', bar_date)::date;

create view raw.bars_monthly as
select
    symbol,
    date_trunc('month', bar_date)::date as month_start,
    min(bar_date) as first_bar_date,
    max(bar_date) as last_bar_date,
    count(*) as bars,
    (array_agg(open order by bar_date))[1] as open,
    max(high) as high,
    min(low) as low,
    (array_agg(close order by bar_date desc))[1] as close,
    sum(volume) as volume
from raw.raw_prices
group by symbol, date_trunc('month', bar_date)::date;

comment on view raw.bars_weekly is
'One row per symbol and week: bars as traded, of the current prices.';
comment on view raw.bars_monthly is
'One row per symbol and month: bars as traded, of the current prices.';
