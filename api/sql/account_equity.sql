-- One row per account and session, newest session first.

select
    account_id,
    session_date,
    cash::double precision as cash,
    position_value::double precision as position_value,
    equity::double precision as equity
from trading.account_equity
where session_date >= (
    select coalesce(min(session_date), 'infinity')
    from (
        select session_date
        from trading.published_sessions
        union
        select session_date
        from trading.account_snapshots
        order by session_date desc
        limit %(sessions)s
    ) as newest
)
order by session_date desc, account_id
