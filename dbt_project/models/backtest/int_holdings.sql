{{ config(schema='intermediate') }}

with

fills as (

    select * from {{ ref('int_fills') }}

),

symbols as (

    select * from {{ ref('int_symbols') }}

),

-- An equal share of the cash for each symbol, there from its first bar.
started as (

    select
        strategy_names.strategy,
        symbols.symbol,
        cast({{ var('starting_cash') }} as double precision)
        / count(*) over (partition by strategy_names.strategy) as cash

    from symbols
    cross join (
        values
        ('buy_and_hold')
        {%- for strategy_name in strategy_names() %}, ('{{ strategy_name }}')
        {%- endfor %}
    ) as strategy_names (strategy)

),

changes as (

    select
        strategy,
        symbol,
        1 as bar_number,
        'sell' as side,
        cash as exchange_rate,
        cast(null as text) as signal_key

    from started
    union all
    select
        strategy,
        symbol,
        bar_number,
        side,
        exchange_rate,
        signal_key

    from fills

),

-- Dollars times shares per dollar are shares, times dollars per share dollars.
multiplied as (

    select
        *,
        {{ product('exchange_rate') }} over changes_so_far as amount,
        lead(bar_number) over changes_so_far as until_bar_number

    from changes
    window changes_so_far as (
        partition by strategy, symbol
        order by bar_number
        rows between unbounded preceding and current row
    )

),

held as (

    select
        strategy,
        symbol,
        bar_number as from_bar_number,
        until_bar_number,
        signal_key,
        case side when 'sell' then amount else 0 end as cash,
        case side when 'buy' then amount else 0 end as qty

    from multiplied

)

select * from held
