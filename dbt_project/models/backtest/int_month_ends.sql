{{ config(schema='intermediate') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

last_of_symbol as (

    select distinct on (symbol, date_trunc('month', bar_date))
        symbol,
        bar_date,
        close

    from bars
    order by symbol asc, date_trunc('month', bar_date) asc, bar_date desc

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
