{{ config(schema='intermediate') }}

with

planned as (

    select * from {{ ref('int_planned_exits') }}

),

bars as (

    select * from {{ ref('int_bars') }}

),

watched as (

    select
        planned.*,
        reached.*

    from {{ joined_to_first_reached('planned', 'bars') }}

),

-- What the market ends pays slippage; a target is a limit order and pays none.
ended as (

    select
        signal_key,
        strategy,
        symbol,
        direction,
        signal_date,
        entry_date,
        entry_bar_number,
        entry_factor,
        entry_open,
        entry_price,
        case when reached_date is null then exit_signal_key end as exit_signal_key,
        case when reached_date is null then exit_signal_date end as exit_signal_date,
        case
            when reached_date is not null then reached_reason
            when exit_signal_key is not null then 'signal'
            when exit_date is not null then 'max_bars'
        end as exit_reason,
        coalesce(reached_date, exit_date) as exit_date,
        coalesce(reached_bar_number, exit_bar_number) as exit_bar_number,
        coalesce(reached_factor, exit_factor) as exit_factor,
        coalesce(reached_price, exit_open) as exit_level,
        case
            when reached_reason = 'take_profit' then reached_price
            else
                coalesce(reached_price, exit_open)
                * (1 - direction * {{ basis_points('slippage_bps') }})
        end as exit_price,
        coalesce(is_reached_at_open, true) as is_exit_at_open

    from watched

)

select * from ended
