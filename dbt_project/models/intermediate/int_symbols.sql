with

bars as (

    {{ changed(ref('int_bars'), 'bar_date', and_previous=true) }}

),

joined_to_next_bar as (

    select
        symbol,
        bar_number,
        bar_date,
        cumulative_factor,
        split_factor,
        lead(bar_date) over (
            partition by symbol
            order by bar_date
        ) as next_bar_date

    from bars

),

latest as (

    select
        symbol,
        bar_number as bars,
        bar_date as last_bar_date,
        cumulative_factor,
        split_factor

    from joined_to_next_bar
    where next_bar_date is null

)

select * from latest
