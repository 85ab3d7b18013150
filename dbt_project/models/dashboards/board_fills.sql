with

fill_quality as (

    select * from {{ source('trading', 'fill_quality') }}

),

priced as (

    select
        order_id,
        fill_session as session_date,
        {{ strategy_in_words('strategy') }} as strategy,
        symbol,
        initcap(side) as side,
        cast(filled_qty as double precision) as qty,
        cast(expected_price as double precision) as expected_price,
        cast(filled_avg_price as double precision) as filled_price,
        cast(slippage_bps as double precision) as slippage_bps,
        cast(
            slippage_bps / 10000 * expected_price * filled_qty as double precision
        ) as slippage_cost

    from fill_quality

)

select * from priced
