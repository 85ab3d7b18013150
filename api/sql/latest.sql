-- The last published session and the feed's last event, beside each of the newest
-- signals, newest first; a row without a signal before the first. One statement, so
-- that all of it is of the same moment. The signal's columns stand as in its struct.

with

state as (

    select
        (select max(session_date) from trading.published_sessions)
            as session_date,
        (
            select coalesce(max(sequence), 0) from trading.feed_events
        ) as feed_sequence

),

newest as (

    select *
    from trading.signal_states
    order by sequence desc
    limit %(limit)s

)

select
    state.session_date,
    state.feed_sequence,
    newest.signal_key,
    newest.strategy,
    newest.symbol,
    newest.bar_date,
    newest.side,
    newest.close,
    newest.details,
    newest.published_at,
    newest.valid_until,
    newest.executed,
    newest.executed_reason,
    newest.filled_qty::double precision as filled_qty,
    newest.filled_avg_price::double precision as filled_avg_price
from state
left join newest on true
order by newest.sequence desc
