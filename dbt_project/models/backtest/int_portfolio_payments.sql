{{ config(schema='intermediate') }}

with

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

payments as (

    select
        positions.strategy,
        positions.symbol,
        money.bar_date,
        money.amount

    from positions
    inner join candidates using (signal_key)
    cross join
        lateral (
            values
            (candidates.entry_date, positions.margin - positions.entry_value),
            (candidates.exit_date, positions.exit_value - positions.margin)
        ) as money (bar_date, amount)
    where
        positions.account = 'portfolio'
        and positions.outcome = 'filled'
        and money.bar_date is not null

),

-- Summed in one order, so that a second build gives the same digits.
paid as (

    select
        strategy,
        bar_date,
        sum(amount order by symbol, amount) as amount

    from payments
    group by strategy, bar_date

)

select * from paid
