{{ config(schema='intermediate') }}

with

bars as (

    select * from {{ ref('int_bars') }}

),

positions as (

    select * from {{ ref('int_positions') }}

),

candidates as (

    select * from {{ ref('int_candidates') }}

),

sessions as (

    select * from {{ ref('int_sessions') }}

),

after_last as (

    select count(*) + 1 as session_number from sessions

),

-- A bar's close counts until the symbol's next bar, for ever after its last.
held as (

    select
        positions.strategy,
        positions.symbol,
        positions.qty * bars.close as position_value,
        sessions.session_number,
        lead(
            sessions.session_number,
            1,
            coalesce(exits.session_number, after_last.session_number)
        ) over (
            partition by positions.signal_key
            order by bars.bar_date
        ) as next_session_number

    from positions
    inner join candidates using (signal_key)
    inner join bars
        on
            positions.symbol = bars.symbol
            and candidates.entry_date <= bars.bar_date
            and coalesce(candidates.exit_date, {{ end_of_time() }}) > bars.bar_date
    inner join sessions using (bar_date)
    left join sessions as exits on candidates.exit_date = exits.bar_date
    cross join after_last
    where positions.account = 'portfolio' and positions.outcome = 'filled'

),

covered as (

    select
        strategy,
        symbol,
        position_value,
        {{ every_number('session_number', 'next_session_number - 1') }}
            as session_number

    from held

),

-- Summed in one order, so that a second build gives the same digits.
summed as (

    select
        strategy,
        session_number,
        sum(position_value {{ in_order('symbol') }}) as position_value

    from covered
    group by session_number, strategy

)

select * from summed
