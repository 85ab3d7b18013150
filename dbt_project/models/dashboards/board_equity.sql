with

account_equity as (

    select * from {{ source('trading', 'account_equity') }}

),

as_numbers as (

    select
        account_id as account,
        session_date,
        cast(cash as double precision) as cash,
        cast(position_value as double precision) as position_value,
        cast(equity as double precision) as equity

    from account_equity

)

select * from as_numbers
