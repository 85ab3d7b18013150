-- One row per account and symbol it holds after its last session.

with

last_sessions as (

    select
        account_id,
        (select max(session_date) from trading.published_sessions)
            as session_date
    from trading.sim_accounts

    union all

    select
        account_id,
        max(session_date) as session_date
    from trading.account_snapshots
    where account_id not like 'sim:%%'
    group by account_id

)

select
    positions.account_id,
    positions.session_date,
    positions.symbol,
    positions.qty::double precision as qty,
    positions.close::double precision as close,
    positions.market_value::double precision as market_value
from last_sessions
inner join trading.positions
    on
        last_sessions.account_id = positions.account_id
        and last_sessions.session_date = positions.session_date
order by positions.account_id, positions.symbol
