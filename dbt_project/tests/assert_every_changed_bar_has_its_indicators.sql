-- int_indicators joins the tables of the families: a bar without its row in one would
-- silently say nothing.
select
    bars.symbol,
    bars.bar_date

from {{ ref('int_bars') }} as bars
inner join {{ ref('int_changed_symbols') }} as changes using (symbol)
left join {{ ref('int_trend') }} as trend using (symbol, bar_date)
left join {{ ref('int_momentum') }} as momentum using (symbol, bar_date)
left join {{ ref('int_volatility') }} as volatility using (symbol, bar_date)
left join {{ ref('int_volume') }} as volume using (symbol, bar_date)
left join {{ ref('int_levels') }} as levels using (symbol, bar_date)
where
    bars.bar_date > changes.previous_bar_date
    and (
        trend.symbol is null
        or momentum.symbol is null
        or volatility.symbol is null
        or volume.symbol is null
        or levels.symbol is null
    )
