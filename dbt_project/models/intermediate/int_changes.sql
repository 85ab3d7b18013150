with

bar_changes as (

    select * from {{ source('raw', 'bar_changes') }}

),

taken as (

    select
        change_id,
        symbol,
        first_bar_date

    from bar_changes

)

select * from taken
