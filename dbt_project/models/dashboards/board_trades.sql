with

trades as (

    select * from {{ ref('trades') }}

),

in_words as (

    select
        {{ strategy_in_words('strategy') }} as strategy,
        symbol,
        entry_date,
        exit_date,
        bars_held,
        entry_price,
        exit_price,
        trade_return,
        pnl,
        replace(exit_reason, '_', ' ') as exit_reason

    from trades
    where account = 'symbol'

)

select * from in_words
