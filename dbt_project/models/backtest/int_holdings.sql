{{ config(schema='intermediate') }}

with

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

symbols as (

    select * from {{ ref('int_symbols') }}

),

filled as (

    select
        positions.strategy,
        positions.symbol,
        candidates.entry_date,
        candidates.exit_date,
        positions.qty,
        positions.free_cash + positions.margin as cash,
        positions.free_cash + positions.exit_value as cash_after

    from positions
    inner join candidates using (signal_key)
    where positions.account = 'symbol' and positions.outcome = 'filled'

),

strategy_names as (

    {{ all_strategies() }}

),

-- Cash from the beginning, shares from an entry, cash from its exit. A bar's changes
-- are in the order of their positions, each entered before it is left.
changes as (

    select
        strategy_names.strategy,
        symbols.symbol,
        {{ beginning_of_time() }} as from_date,
        {{ beginning_of_time() }} as entry_date,
        false as is_exit,
        cast({{ var('starting_cash') }} as double precision) as cash,
        cast(0 as double precision) as qty

    from symbols
    cross join strategy_names
    union all
    select
        strategy,
        symbol,
        entry_date as from_date,
        entry_date,
        false as is_exit,
        cash,
        qty

    from filled
    union all
    select
        strategy,
        symbol,
        exit_date as from_date,
        entry_date,
        true as is_exit,
        cash_after as cash,
        0 as qty

    from filled
    where exit_date is not null

),

joined_to_next as (

    select
        strategy,
        symbol,
        from_date,
        lead(from_date, 1, {{ end_of_time() }}) over (
            partition by strategy, symbol
            order by from_date, entry_date, is_exit
        ) as until_date,
        cash,
        qty

    from changes

)

select * from joined_to_next
where from_date < until_date
