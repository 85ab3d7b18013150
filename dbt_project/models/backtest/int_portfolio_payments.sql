{{ config(schema='intermediate') }}

with

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

filled as (

    select
        positions.strategy,
        positions.symbol,
        candidates.entry_date,
        candidates.exit_date,
        positions.margin - positions.entry_value as entry_amount,
        positions.exit_value - positions.margin as exit_amount

    from positions
    inner join candidates using (signal_key)
    where positions.account = 'portfolio' and positions.outcome = 'filled'

),

payments as (

    select
        strategy,
        symbol,
        entry_date as bar_date,
        entry_amount as amount

    from filled
    union all
    select
        strategy,
        symbol,
        exit_date as bar_date,
        exit_amount as amount

    from filled
    where exit_date is not null

),

-- Summed in one order, so that a second build gives the same digits.
paid as (

    select
        strategy,
        bar_date,
        sum(amount {{ in_order('symbol, amount') }}) as amount

    from payments
    group by strategy, bar_date

)

select * from paid
