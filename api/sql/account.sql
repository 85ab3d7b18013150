-- One row per account: what it was worth after its last session.

select distinct on (account_id)
    account_id,
    session_date,
    cash::double precision as cash,
    position_value::double precision as position_value,
    equity::double precision as equity
from trading.account_equity
where session_date >= (
    select coalesce(max(session_date) - 30, 'infinity')
    from trading.published_sessions
)
order by account_id, session_date desc
