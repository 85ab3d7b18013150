-- What the quality gate judges. Read and marked with desk_ingest's rights.

-- name: gate_window(session, shortest)^
-- Loads that have not passed, and the first session to judge for them: that of
-- their earliest change, and never less than the last few sessions.
with

unjudged as (

    select
        run_id,
        earliest_change_date
    from raw.ingest_runs
    where
        outcome = 'succeeded'
        and gate_outcome <> 'passed'
        and window_end <= :session

),

shortest as (

    select session_date
    from raw.exchange_sessions
    where session_date <= :session
    order by session_date desc
    limit :shortest

)

select
    array(select run_id from unjudged) as run_ids,
    least(
        (select min(earliest_change_date) from unjudged),
        (select min(session_date) from shortest)
    ) as window_start;

-- name: mark_runs(run_ids, gate_outcome)!
update raw.ingest_runs
set gate_outcome = :gate_outcome
where run_id = any(:run_ids);

-- name: window_bars(window_start, session)
-- One row per symbol and bar of the window, with what the expectations need.
with

symbols as (

    select distinct symbol
    from raw.raw_prices
    where bar_date between :window_start and :session

),

previous_bars as (

    select previous.*
    from symbols
    cross join lateral (
        select *
        from raw.raw_prices
        where
            raw_prices.symbol = symbols.symbol
            and raw_prices.bar_date < :window_start
        order by raw_prices.bar_date desc
        limit 1
    ) as previous

),

bars as (

    select *
    from raw.raw_prices
    where bar_date between :window_start and :session
    union all
    select * from previous_bars

),

sessions as (

    select
        session_date,
        row_number() over (order by session_date) as session_number
    from raw.exchange_sessions

),

followed as (

    select
        bars.*,
        sessions.session_number,
        lag(bars.bar_date) over previous as previous_date,
        lag(bars.close) over previous as previous_close,
        lag(sessions.session_number) over previous as previous_session_number
    from bars
    left join sessions on bars.bar_date = sessions.session_date
    window previous as (partition by bars.symbol order by bars.bar_date)

)

select
    followed.symbol,
    followed.bar_date,
    followed.open,
    followed.high,
    followed.low,
    followed.close,
    followed.volume,
    followed.session_number is not null as is_session,
    followed.session_number - followed.previous_session_number - 1
        as sessions_missing,
    -- With the actions since the previous bar undone.
    (followed.close + coalesce(actions.dividends, 0)) * coalesce(actions.split, 1)
    / nullif(followed.previous_close, 0) - 1 as bar_return
from followed
left join lateral (
    select
        exp(sum(ln(value)) filter (where kind = 'split')) as split,
        sum(value) filter (where kind = 'dividend') as dividends
    from raw.corporate_actions
    where
        corporate_actions.symbol = followed.symbol
        and corporate_actions.ex_date > followed.previous_date
        and corporate_actions.ex_date <= followed.bar_date
) as actions on true
where followed.bar_date >= :window_start;

-- name: last_bars(session)
-- One row per symbol that the latest load asked for: its last bar, and how many
-- sessions ago that was.
with

latest_run as (

    select symbols
    from raw.ingest_runs
    where outcome = 'succeeded' and window_end <= :session
    order by started_at desc
    limit 1

)

select
    asked.symbol,
    last_bar.bar_date,
    (
        select count(*)
        from raw.exchange_sessions
        where
            exchange_sessions.session_date > last_bar.bar_date
            and exchange_sessions.session_date <= :session
    ) as sessions_old
from latest_run
cross join unnest(latest_run.symbols) as asked (symbol)
cross join lateral (
    select raw_prices.bar_date
    from raw.raw_prices
    where raw_prices.symbol = asked.symbol and raw_prices.bar_date <= :session
    order by raw_prices.bar_date desc
    limit 1
) as last_bar;
