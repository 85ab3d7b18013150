{{ config(schema='intermediate') }}

with

portfolio_positions as (

    select * from {{ ref('int_portfolio_positions') }}

),

paid as (

    select * from {{ ref('int_portfolio_payments') }}

),

strategy_names as (

    {{ all_strategies() }}

),

sessions as (

    select
        strategy_names.strategy,
        int_sessions.bar_date,
        int_sessions.session_number

    from {{ ref('int_sessions') }} as int_sessions
    cross join strategy_names

),

accumulated as (

    select
        sessions.strategy,
        sessions.bar_date,
        sessions.session_number,
        cast({{ var('starting_cash') }} as double precision)
        + coalesce(sum(paid.amount) over (
            partition by sessions.strategy
            order by sessions.bar_date
            rows between unbounded preceding and current row
        ), 0) as cash,
        coalesce(portfolio_positions.position_value, 0) as position_value

    from sessions
    left join paid using (strategy, bar_date)
    left join portfolio_positions using (strategy, session_number)

),

compared as (

    select
        *,
        max(cash + position_value) filter (where strategy = 'buy_and_hold') over (
            partition by bar_date
        ) as benchmark_equity

    from accumulated

)

select * from compared
