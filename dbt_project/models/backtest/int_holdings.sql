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
        candidates.entry_bar_number,
        candidates.exit_date,
        candidates.exit_bar_number,
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
        cast(1 as bigint) as from_bar_number,
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
        entry_bar_number as from_bar_number,
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
        exit_bar_number as from_bar_number,
        entry_date,
        true as is_exit,
        cash_after as cash,
        0 as qty

    from filled
    where exit_date is not null

),

joined_to_next as (

    select
        changes.strategy,
        changes.symbol,
        changes.from_date,
        lead(changes.from_date, 1, {{ end_of_time() }}) over in_order as until_date,
        changes.from_bar_number,
        lead(changes.from_bar_number, 1, symbols.bars + 1) over in_order
            as until_bar_number,
        changes.cash,
        changes.qty

    from changes
    inner join symbols on changes.symbol = symbols.symbol
    window in_order as (
        partition by changes.strategy, changes.symbol
        order by changes.from_date, changes.entry_date, changes.is_exit
    )

)

select * from joined_to_next
where from_date < until_date
