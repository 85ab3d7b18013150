{{ config(schema='intermediate', materialized='view') }}

with

holdings as (

    select * from {{ ref('int_holdings') }}

),

named as (

    select
        strategy,
        symbol

    from holdings
    where from_date = {{ beginning_of_time() }}
    union all
    select distinct
        strategy,
        'portfolio' as symbol

    from holdings

)

select * from named
