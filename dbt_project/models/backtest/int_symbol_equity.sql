{{ config(schema='intermediate') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

holdings as (

    select * from {{ ref('int_holdings') }}

),

valued as (

    select
        holdings.strategy,
        bars.symbol,
        bars.bar_date,
        holdings.cash,
        holdings.qty * bars.close as position_value

    from bars
    inner join holdings
        on
            bars.symbol = holdings.symbol
            and bars.bar_number >= holdings.from_bar_number
            and (
                holdings.until_bar_number is null
                or bars.bar_number < holdings.until_bar_number
            )

)

select * from valued
