with

equity as (

    select distinct on (account_id) *
    from {{ source('trading', 'account_equity') }}
    where
        session_date >= (
            select max(sessions.session_date) - 10
            from {{ source('trading', 'published_sessions') }} as sessions
        )
    order by account_id asc, session_date desc

),

positions as (

    select positions.*
    from {{ source('trading', 'positions') }} as positions
    inner join equity
        on
            positions.account_id = equity.account_id
            and positions.session_date = equity.session_date

),

holdings as (

    select
        account_id,
        session_date,
        symbol as holding,
        false as is_cash,
        qty,
        close,
        market_value as value

    from positions
    union all
    select
        account_id,
        session_date,
        'Cash' as holding,
        true as is_cash,
        null as qty,
        null as close,
        cash as value

    from equity

),

weighed as (

    select
        holdings.account_id as account,
        holdings.session_date,
        holdings.holding,
        holdings.is_cash,
        cast(holdings.qty as double precision) as qty,
        cast(holdings.close as double precision) as close,
        cast(holdings.value as double precision) as value,
        cast(
            holdings.value / nullif(equity.equity, 0) as double precision
        ) as weight

    from holdings
    inner join equity using (account_id)

)

select * from weighed
