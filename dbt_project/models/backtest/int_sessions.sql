{{ config(schema='intermediate') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

numbered as (

    select
        bar_date,
        row_number() over (order by bar_date) as session_number

    from bars
    group by bar_date

)

select * from numbered
