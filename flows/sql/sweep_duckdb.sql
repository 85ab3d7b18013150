-- sqlfluff:dialect:duckdb
-- What a sweep on DuckDB runs around the statement that dbt renders for it
-- (macros/sweeps), in a database in memory.

-- name: prepare#
create schema intermediate;
create table swept_trades (
    point integer,
    symbol text,
    entry_bar_number bigint,
    exit_bar_number bigint,
    exit_reason text,
    qty double,
    entry_value double,
    exit_value double
);
create table swept_curve (
    point integer,
    session_number bigint,
    position_value double,
    paid double,
    trades bigint
);

-- name: number_sessions#
-- Each symbol's sessions by bar, and its closes by session, from its first bar to
-- everybody's last: a bar's close counts until the next one, for ever after the last.
create table swept_sessions as
select
    bars.symbol,
    bars.bar_number,
    sessions.session_number
from intermediate.int_bars as bars
inner join (
    select
        bar_date,
        row_number() over (order by bar_date) as session_number
    from intermediate.int_bars
    group by bar_date
) as sessions using (bar_date);

create table swept_closes as
select
    symbol,
    close,
    unnest(generate_series(session_number, next_session_number - 1)) as session_number
from (
    select
        bars.symbol,
        bars.close,
        sessions.session_number,
        lead(
            sessions.session_number,
            1,
            (select max(session_number) + 1 from swept_sessions)
        ) over (
            partition by bars.symbol
            order by bars.bar_number
        ) as next_session_number
    from intermediate.int_bars as bars
    inner join swept_sessions as sessions using (symbol, bar_number)
) as dated;

-- name: forget#
-- Before the next batch of points.
truncate swept_trades;
truncate swept_curve;

-- name: both_sides()
-- Points that would buy and sell on one bar.
select distinct point
from swept_trades
where entry_bar_number is null;

-- name: add_curve(symbols)!
-- What the accounts of these symbols held and paid, by point and session.
insert into swept_curve
with trades as (
    select
        trades.*,
        entries.session_number as entry_session,
        exits.session_number as exit_session
    from swept_trades as trades
    inner join swept_sessions as entries
        on
            trades.symbol = entries.symbol
            and trades.entry_bar_number = entries.bar_number
    left join swept_sessions as exits
        on
            trades.symbol = exits.symbol
            and trades.exit_bar_number = exits.bar_number
    where trades.symbol in (select unnest(:symbols))
),

held as (
    select
        point,
        symbol,
        qty,
        unnest(generate_series(
            entry_session,
            coalesce(
                exit_session - 1, (select max(session_number) from swept_sessions)
            )
        )) as session_number
    from trades
),

valued as (
    select
        held.point,
        held.session_number,
        sum(held.qty * closes.close) as position_value
    from held
    inner join (
        select * from swept_closes
        where symbol in (select unnest(:symbols))
    ) as closes using (symbol, session_number)
    group by held.point, held.session_number
)

select
    point,
    entry_session,
    0,
    -entry_value,
    0
from trades
union all
select
    point,
    exit_session,
    0,
    exit_value,
    1
from trades
where exit_session is not null
union all
select
    point,
    session_number,
    position_value,
    0,
    0
from valued;

-- name: write_curve(file)!
-- The sums over all symbols, as CSV.
copy (
    select
        point,
        session_number,
        sum(position_value),
        sum(paid),
        sum(trades)
    from swept_curve
    group by point, session_number
) to :file (format csv, header false);
