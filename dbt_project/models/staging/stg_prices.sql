with

raw_prices as (

    select * from {{ source('raw', 'raw_prices') }}

),

renamed as (

    select
        symbol,
        bar_date,
        open,
        high,
        low,
        close,
        volume

    from raw_prices

)

select * from renamed
