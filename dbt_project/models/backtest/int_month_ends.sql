{{ config(schema='intermediate') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

joined_to_next_bar as (

    select
        symbol,
        bar_date,
        close,
        lead(bar_date) over (
            partition by symbol
            order by bar_date
        ) as next_bar_date

    from bars

),

last_of_symbol as (

    select
        symbol,
        bar_date,
        close

    from joined_to_next_bar
    where
        next_bar_date is null
        or date_trunc('month', bar_date) < date_trunc('month', next_bar_date)

),

last_of_all as (

    select
        'portfolio' as symbol,
        max(bar_date) as bar_date,
        cast(null as double precision) as close

    from last_of_symbol
    group by date_trunc('month', bar_date)

)

select * from last_of_symbol
union all
select * from last_of_all
