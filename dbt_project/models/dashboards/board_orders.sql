with

orders as (

    select * from {{ source('trading', 'orders') }}

),

in_words as (

    select
        id as order_id,
        account_id as account,
        created_at as decided_at,
        cast(signal ->> 'bar_date' as date) as session_date,
        {{ strategy_in_words('strategy') }} as strategy,
        symbol,
        initcap(side) as side,
        cast(qty as double precision) as qty,
        replace(state, '_', ' ') as state,
        state in ('submitting', 'open', 'partially_filled') as is_pending,
        cast(filled_qty as double precision) as filled_qty,
        cast(filled_avg_price as double precision) as filled_price,
        coalesce(
            replace(reason, '_', ' '), signal -> 'details' ->> 'sentence'
        ) as reason

    from orders

)

select * from in_words
