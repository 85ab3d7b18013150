{{ config(schema='intermediate') }}

with

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

moved as (

    select
        positions.signal_key,
        positions.strategy,
        case positions.account
            when 'portfolio' then 'portfolio' else positions.symbol
        end as symbol,
        positions.entry_fee + coalesce(positions.exit_fee, 0)
        + positions.qty * (
            candidates.entry_price - candidates.entry_open
            + coalesce(candidates.exit_level - candidates.exit_price, 0)
        ) as costs,
        positions.entry_value
        + coalesce(abs(positions.exit_value - positions.margin), 0) as value

    from positions
    inner join candidates using (signal_key)
    where positions.outcome = 'filled'

),

summed as (

    select
        strategy,
        symbol,
        sum(costs {{ in_order('signal_key') }}) as costs,
        sum(value {{ in_order('signal_key') }}) as value

    from moved
    group by strategy, symbol

)

select * from summed
