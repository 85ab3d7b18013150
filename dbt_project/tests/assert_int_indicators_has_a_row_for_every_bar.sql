-- Strategies join the two tables: a bar without its row would silently say nothing.
select
    symbol,
    bar_date

from {{ ref('int_bars') }} as bars
full join {{ ref('int_indicators') }} as indicators using (symbol, bar_date)
where bars.symbol is null or indicators.symbol is null
