{{ config(schema='intermediate') }}

with

signals as (

    select * from {{ ref('signals') }}

),

-- Bars are read where they are needed: what is read twice is written out first.
signal_bars as (

    select * from {{ ref('int_bars') }}

),

next_bars as (

    select * from {{ ref('int_bars') }}

),

-- The benchmark: bought after the first bar and kept.
buy_and_hold as (

    select
        'buy_and_hold|' || symbol || '|' || {{ date_text('bar_date') }}
            as signal_key,
        'buy_and_hold' as strategy,
        symbol,
        bar_date,
        'buy' as side

    from {{ ref('int_bars') }}
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

joined_to_next_bar as (

    select
        unioned.signal_key,
        unioned.strategy,
        unioned.symbol,
        unioned.side,
        unioned.bar_date as signal_date,
        next_bars.bar_date as fill_date,
        next_bars.bar_number,
        next_bars.cumulative_factor,
        next_bars.open,
        case unioned.side
            when 'buy' then next_bars.open * (1 + {{ basis_points('slippage_bps') }})
            else next_bars.open * (1 - {{ basis_points('slippage_bps') }})
        end as price

    from unioned
    inner join signal_bars using (symbol, bar_date)
    inner join next_bars
        on
            unioned.symbol = next_bars.symbol
            and signal_bars.bar_number + 1 = next_bars.bar_number

)

select * from joined_to_next_bar
