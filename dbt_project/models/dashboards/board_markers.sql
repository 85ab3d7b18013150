with

signals as (

    select * from {{ ref('signals') }}

),

explained as (

    select
        symbol,
        bar_date as session_date,
        {{ strategy_in_words('strategy') }} as strategy,
        side,
        details ->> 'sentence' as why

    from signals

)

select * from explained
