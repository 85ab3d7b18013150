-- What the quality gate judges, and the marks it leaves. With desk_ingest's
-- rights.

-- name: hold_gate(key)$
-- The lock of checks belongs to the connection, so it ends with the process.
select pg_advisory_lock(:key);

-- name: gate_window(session, shortest)^
-- Loads that have not passed, and the first session to judge for them: that of
-- their earliest change, and never less than the last few sessions. A load that
-- failed or died half-way has kept what it had committed.
with

unjudged as (

    select
        run_id,
        earliest_change_date
    from raw.ingest_runs
    where
        outcome <> 'running'
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

-- name: start_check(check_id, run_ids, session, shortest, now)!
-- Which bars of each symbol to judge: the last few sessions, what loads have
-- changed (and the week before, whose bars have new neighbours now), and from
-- the first bar that is still marked.
with recursive

-- One step along the key per symbol, however many bars it has.
symbols as (

    select min(symbol) as symbol
    from raw.raw_prices
    union all
    select (
        select raw_prices.symbol
        from raw.raw_prices
        where raw_prices.symbol > symbols.symbol
        order by raw_prices.symbol
        limit 1
    )
    from symbols
    where symbols.symbol is not null

),

shortest as (

    select min(session_date) as session_date
    from (
        select session_date
        from raw.exchange_sessions
        where session_date <= :session
        order by session_date desc
        limit :shortest
    ) as last_sessions

),

changed as (

    select
        loaded.symbol,
        min(ingest_runs.earliest_change_date) - 7 as start_date
    from raw.ingest_runs
    cross join unnest(ingest_runs.symbols) as loaded (symbol)
    where ingest_runs.run_id = any(:run_ids)
    group by loaded.symbol

),

marked as (

    select
        symbol,
        min(bar_date) as start_date
    from raw.symbol_marks
    where cleared_at is null
    group by symbol

)

insert into raw.symbol_checks (
    symbol, check_id, window_start, window_end, checked_at
)
select
    symbols.symbol,
    :check_id,
    least(shortest.session_date, changed.start_date, marked.start_date, :session),
    :session,
    :now
from symbols
cross join shortest
left join changed on symbols.symbol = changed.symbol
left join marked on symbols.symbol = marked.symbol
where symbols.symbol is not null
on conflict (symbol) do update
set
    check_id = excluded.check_id,
    window_start = excluded.window_start,
    window_end = excluded.window_end,
    checked_at = excluded.checked_at;

-- name: window_bars(check_id)
-- One row per symbol and bar to judge.
select
    bars.*,
    bars.bar_date in (
        select session_date from raw.exchange_sessions
    ) as is_session
from raw.symbol_checks
-- "offset 0": symbol by symbol along the key, whatever the planner guesses.
cross join lateral (
    select
        raw_prices.symbol,
        raw_prices.bar_date,
        raw_prices.open,
        raw_prices.high,
        raw_prices.low,
        raw_prices.close,
        raw_prices.volume
    from raw.raw_prices
    where
        raw_prices.symbol = symbol_checks.symbol
        and raw_prices.bar_date
        between symbol_checks.window_start and symbol_checks.window_end
    offset 0
) as bars
where symbol_checks.check_id = :check_id;

-- name: record_findings(check_id, now)!
-- Marks that the check no longer finds are cleared, new findings are marked.
-- A mark on the end of a series stays one while it lasts, whatever its last bar.
with

judged as (

    select symbol_marks.*
    from raw.symbol_marks
    inner join raw.symbol_checks using (symbol)
    where
        symbol_marks.cleared_at is null
        and symbol_checks.check_id = :check_id
        and symbol_marks.bar_date
        between symbol_checks.window_start and symbol_checks.window_end

),

matched as (

    select
        judged.mark_id,
        findings.symbol,
        findings.rule,
        findings.bar_date,
        findings.value
    from judged
    inner join findings
        on
            judged.symbol = findings.symbol
            and judged.rule = findings.rule
            and (findings.is_of_end or judged.bar_date = findings.bar_date)

),

cleared as (

    update raw.symbol_marks
    set cleared_at = greatest(:now, marked_at)
    where
        mark_id in (
            select mark_id from judged
            except
            select mark_id from matched
        )

),

measured as (

    update raw.symbol_marks
    set value = matched.value
    from matched
    where symbol_marks.mark_id = matched.mark_id

)

insert into raw.symbol_marks (symbol, rule, bar_date, value, detail, marked_at)
select
    findings.symbol,
    findings.rule,
    findings.bar_date,
    findings.value,
    findings.detail,
    :now
from findings
where
    not exists (
        select from matched
        where
            matched.symbol = findings.symbol
            and matched.rule = findings.rule
            and matched.bar_date = findings.bar_date
    )
    and not exists (
        select from raw.symbol_marks as dismissed
        where
            dismissed.symbol = findings.symbol
            and dismissed.rule = findings.rule
            and dismissed.bar_date = findings.bar_date
            and dismissed.dismissed_reason is not null
            and (findings.is_of_end or dismissed.value = findings.value)
    );

-- name: create_findings#
create temporary table findings (
    symbol text,
    rule text,
    bar_date date,
    value double precision,
    detail text,
    is_of_end boolean
);

-- name: open_marks()
-- One row per open mark.
select
    symbol,
    rule,
    bar_date,
    value,
    detail,
    marked_at
from raw.symbol_marks
where cleared_at is null
order by symbol, bar_date, rule;

-- name: fresh_symbols(check_id, session, shortest)$
-- Symbols with a bar in the last few sessions.
select array_agg(symbol_checks.symbol order by symbol_checks.symbol)
from raw.symbol_checks
where
    symbol_checks.check_id = :check_id
    and exists (
        select from raw.raw_prices
        where
            raw_prices.symbol = symbol_checks.symbol
            and raw_prices.bar_date <= :session
            and raw_prices.bar_date >= (
                select min(last_sessions.session_date)
                from (
                    select session_date
                    from raw.exchange_sessions
                    where session_date <= :session
                    order by session_date desc
                    limit :shortest
                ) as last_sessions
            )
    );

-- name: dismiss_marks(symbols, reason, now)
-- One row per dismissed mark: its symbol.
update raw.symbol_marks
set
    cleared_at = greatest(:now, marked_at),
    dismissed_reason = :reason
where
    symbol = any(:symbols)
    and cleared_at is null
returning symbol;

-- name: mark_runs(run_ids, gate_outcome)!
update raw.ingest_runs
set gate_outcome = :gate_outcome
where run_id = any(:run_ids);
