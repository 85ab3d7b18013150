-- int_indicators joins the tables of the families: a bar without its row in one would
-- silently say nothing.
with

bars as (

    {{ changed_rows(ref('int_bars'), ref('int_changed_symbols'), 'bar_date') }}

),

trend as (

    {{ changed_rows(ref('int_trend'), ref('int_changed_symbols'), 'bar_date') }}

),

momentum as (

    {{ changed_rows(ref('int_momentum'), ref('int_changed_symbols'), 'bar_date') }}

),

volatility as (

    {{ changed_rows(ref('int_volatility'), ref('int_changed_symbols'), 'bar_date') }}

),

volume as (

    {{ changed_rows(ref('int_volume'), ref('int_changed_symbols'), 'bar_date') }}

),

levels as (

    {{ changed_rows(ref('int_levels'), ref('int_changed_symbols'), 'bar_date') }}

)

select
    symbol,
    bar_date

from bars
left join trend using (symbol, bar_date)
left join momentum using (symbol, bar_date)
left join volatility using (symbol, bar_date)
left join volume using (symbol, bar_date)
left join levels using (symbol, bar_date)
where
    trend.symbol is null
    or momentum.symbol is null
    or volatility.symbol is null
    or volume.symbol is null
    or levels.symbol is null
