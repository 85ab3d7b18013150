-- Walking past sessions one by one.

-- name: last_sessions(session, sessions)
-- The last sessions with bars, oldest first.
select session_date
from (
    select distinct bar_date as session_date
    from marts.bars
    where bar_date <= :session
    order by bar_date desc
    limit :sessions
) as newest
order by session_date;

-- name: begin_replay(replay_from, replay_until)!
-- An unfinished replay is not forgotten: the walk covers both.
update trading.control
set
    first_session = least(first_session, :replay_from),
    replay_from = least(replay_from, :replay_from),
    replay_until = greatest(replay_until, :replay_until);

-- name: sessions_to_replay(session)
-- What an unfinished replay still has to walk, oldest first.
select distinct bars.bar_date as session_date
from marts.bars
inner join trading.control
    on bars.bar_date between control.replay_from and control.replay_until
where bars.bar_date <= :session
order by bars.bar_date;

-- name: session_replayed(session)!
-- The walk goes on the day after.
update trading.control
set replay_from = :session::date + 1;

-- name: end_replay(session)!
update trading.control
set
    replay_from = null,
    replay_until = null
where replay_until <= :session;
