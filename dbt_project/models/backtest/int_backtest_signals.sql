{{ config(schema='intermediate') }}

with

signals as (

    select * from {{ ref('signals') }}

),

bars as (

    select * from {{ ref('int_bars') }}

),

-- The benchmark: bought after the first bar and kept.
buy_and_hold as (

    select
        'buy_and_hold|' || symbol || '|' || to_char(bar_date, 'YYYY-MM-DD')
            as signal_key,
        'buy_and_hold' as strategy,
        symbol,
        bar_date,
        'buy' as side

    from bars
    where bar_number = 1

),

unioned as (

    select
        signal_key,
        strategy,
        symbol,
        bar_date,
        side

    from signals
    union all
    select * from buy_and_hold

),

joined_to_previous as (

    select
        *,
        lag(side, 1, 'sell') over (
            partition by strategy, symbol
            order by bar_date
        ) as previous_side

    from unioned

),

-- Flat at first, so a first sell changes nothing; nor does a repeated side.
toggling as (

    select
        signal_key,
        strategy,
        symbol,
        bar_date,
        side

    from joined_to_previous
    where side <> previous_side

)

select * from toggling
