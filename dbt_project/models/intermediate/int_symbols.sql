with

bars as (

    {{ changed(ref('int_bars'), 'bar_date', and_previous=true) }}

),

latest as (

    select distinct on (symbol)
        symbol,
        bar_number as bars,
        bar_date as last_bar_date,
        cumulative_factor,
        split_factor

    from bars
    order by symbol desc, bar_date desc

)

select * from latest
