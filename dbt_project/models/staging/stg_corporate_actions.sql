with

corporate_actions as (

    select * from {{ source('raw', 'corporate_actions') }}

),

renamed as (

    select
        symbol,
        ex_date,
        kind,
        value

    from corporate_actions

)

select * from renamed
