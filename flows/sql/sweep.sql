-- What a sweep runs around the statements that dbt renders for it (macros/sweeps). All
-- of it is in temporary tables, with dbt's rights; symbols are those swept.

-- name: prepare#
set jit = off;
set work_mem = '128MB';
set temp_buffers = '128MB';
create temporary table swept_trades (
    point integer not null,
    symbol text not null,
    entry_bar_number integer,
    exit_bar_number integer,
    exit_reason text,
    qty double precision,
    entry_value double precision,
    exit_value double precision
);
create temporary table swept_series (
    symbol text primary key,
    first_session_number integer not null,
    session_numbers integer [] not null,
    closes double precision [] not null
);
alter table swept_series
alter column session_numbers set storage external,
alter column closes set storage external;
create temporary table swept_curve (
    point integer not null,
    session_number integer not null,
    position_value double precision not null,
    paid double precision not null,
    trades bigint not null
);
create temporary table swept_windows (
    fold integer not null,
    part text not null,
    first_session_number integer not null,
    last_session_number integer not null
);

-- One account's trades added to a sum of accounts. State: by session the value of what
-- is held at its close, then what was paid on it, then the trades closed on it. A loop,
-- because as a join each bar of each trade would be a row: six times as slow.
create function pg_temp.add_account(
    state double precision [],
    sessions integer,
    first_session integer,
    closes double precision [],
    entries integer [],
    exits integer [],
    qtys double precision [],
    entry_values double precision [],
    exit_values double precision []
)
returns double precision []
language plpgsql as $add_account$
declare
    before constant integer := first_session - 1;
    qty double precision;
begin
    if state is null then
        state := array_fill(0::double precision, array[3 * sessions]);
    end if;
    for trade in 1..cardinality(entries) loop
        qty := qtys[trade];
        for session in entries[trade]..coalesce(exits[trade] - 1, sessions) loop
            state[session] := state[session] + qty * closes[session - before];
        end loop;
        state[sessions + entries[trade]]
        := state[sessions + entries[trade]] - entry_values[trade];
        if exits[trade] is not null then
            state[sessions + exits[trade]]
            := state[sessions + exits[trade]] + exit_values[trade];
            state[2 * sessions + exits[trade]]
            := state[2 * sessions + exits[trade]] + 1;
        end if;
    end loop;
    return state;
end
$add_account$;
create aggregate pg_temp.sum_of_accounts(
    integer,
    integer,
    double precision [],
    integer [],
    integer [],
    double precision [],
    double precision [],
    double precision []
) (
    sfunc = pg_temp.add_account,
    stype = double precision []
);

-- name: symbols()
-- All there are, in their order.
select symbol
from intermediate.int_symbols
order by symbol;

-- name: add_window(fold, part, first, last)!
-- Sessions whose figures are wanted.
insert into pg_temp.swept_windows
values (:fold, :part, :first, :last);

-- name: forget()!
-- Before the next batch of points.
truncate pg_temp.swept_trades, pg_temp.swept_curve;

-- name: sessions(symbols)^
-- Sessions on which any of the symbols has a bar.
select
    count(distinct bar_date) as sessions,
    min(bar_date) as first_session,
    max(bar_date) as last_session
from intermediate.int_bars
where symbol = any(:symbols);

-- name: add_series(symbols, all_symbols)!
-- Each symbol's closes by session, from its first bar to everybody's last: a bar's
-- close counts until the next one, for ever after the last.
insert into pg_temp.swept_series
with sessions as (
    select
        bar_date,
        row_number() over (order by bar_date) as session_number
    from intermediate.int_bars
    where symbol = any(:all_symbols)
    group by bar_date
),

dated as (
    select
        bars.symbol,
        bars.close,
        sessions.session_number,
        lead(
            sessions.session_number, 1, (select count(*) + 1 from sessions)
        ) over (
            partition by bars.symbol
            order by bars.bar_date
        ) as next_session_number
    from intermediate.int_bars as bars
    inner join sessions using (bar_date)
    where bars.symbol = any(:symbols)
)

select
    dated.symbol,
    cast(min(dated.session_number) as integer),
    array_agg(
        cast(dated.session_number as integer) order by covered.session_number
    ) filter (where covered.session_number = dated.session_number),
    array_agg(dated.close order by covered.session_number)
from dated
cross join lateral
    generate_series(dated.session_number, dated.next_session_number - 1)
        as covered (session_number)
group by dated.symbol;

-- name: both_sides()
-- Points that would buy and sell on one bar.
select distinct point
from pg_temp.swept_trades
where entry_bar_number is null;

-- name: add_curve(first_point, last_point, sessions)!
-- What the accounts of this connection's symbols held and paid, by point and session.
insert into pg_temp.swept_curve
with dated as (
    select
        trades.*,
        series.session_numbers[trades.entry_bar_number] as entry_session,
        series.session_numbers[trades.exit_bar_number] as exit_session
    from pg_temp.swept_trades as trades
    inner join pg_temp.swept_series as series using (symbol)
    where
        trades.point between :first_point and :last_point
        and trades.entry_bar_number is not null
),

accounts as (
    select
        point,
        symbol,
        array_agg(entry_session order by entry_session) as entries,
        array_agg(exit_session order by entry_session) as exits,
        array_agg(qty order by entry_session) as qtys,
        array_agg(entry_value order by entry_session) as entry_values,
        array_agg(exit_value order by entry_session) as exit_values
    from dated
    group by point, symbol
),

summed as (
    select
        accounts.point,
        pg_temp.sum_of_accounts(
            cast(:sessions as integer),
            series.first_session_number,
            series.closes,
            accounts.entries,
            accounts.exits,
            accounts.qtys,
            accounts.entry_values,
            accounts.exit_values
        ) as amounts
    from accounts
    inner join pg_temp.swept_series as series using (symbol)
    group by accounts.point
)

select
    summed.point,
    sessions.session_number,
    summed.amounts[sessions.session_number],
    summed.amounts[:sessions + sessions.session_number],
    summed.amounts[2 * :sessions + sessions.session_number]
from summed
cross join generate_series(1, cast(:sessions as integer))
    as sessions (session_number);

-- name: metrics(points, sessions, invested)
-- Each point's figures in each window of sessions, from the sum of the accounts.
with summed as (
    select
        point,
        session_number,
        sum(position_value) as position_value,
        sum(paid) as paid,
        sum(trades) as trades
    from pg_temp.swept_curve
    group by point, session_number
),

accounts as (
    select
        points.point,
        sessions.session_number,
        coalesce(summed.trades, 0) as trades,
        coalesce(summed.position_value, 0) as position_value,
        cast(:invested as double precision)
        + coalesce(sum(summed.paid) over so_far, 0)
        + coalesce(summed.position_value, 0) as equity
    from unnest(cast(:points as integer [])) as points (point)
    cross join generate_series(1, cast(:sessions as integer))
        as sessions (session_number)
    left join summed using (point, session_number)
    window so_far as (
        partition by points.point
        order by sessions.session_number
        rows between unbounded preceding and current row
    )
),

compared as (
    select
        *,
        lag(equity) over so_far as equity_before,
        equity / nullif(lag(equity) over so_far, 0) - 1 as daily_return
    from accounts
    window so_far as (
        partition by point
        order by session_number
        rows between unbounded preceding and current row
    )
),

-- A window's first peak is the equity it begins with.
centred as (
    select
        windows.fold,
        windows.part,
        compared.*,
        equity / nullif(max(greatest(equity, equity_before)) over (
            partition by windows.fold, windows.part, compared.point
            order by compared.session_number
            rows between unbounded preceding and current row
        ), 0) - 1 as drawdown,
        daily_return - avg(daily_return) over (
            partition by windows.fold, windows.part, compared.point
        ) as deviation
    from compared
    inner join pg_temp.swept_windows as windows
        on
            compared.session_number
            between windows.first_session_number and windows.last_session_number
),

moments as (
    select
        fold,
        part,
        point,
        sum(trades) as trades,
        count(daily_return) as observations,
        (array_agg(equity order by session_number desc))[1]
        / nullif(
            (array_agg(coalesce(equity_before, equity) order by session_number))[1], 0
        )
        - 1 as total_return,
        min(drawdown) as max_drawdown,
        cast(count(*) filter (where position_value > 0) as double precision)
        / count(*) as exposure,
        avg(daily_return order by session_number) as mean,
        stddev_samp(daily_return order by session_number) as standard_deviation,
        avg(power(deviation, 2) order by session_number) as second_moment,
        avg(power(deviation, 3) order by session_number) as third_moment,
        avg(power(deviation, 4) order by session_number) as fourth_moment
    from centred
    group by fold, part, point
)

select
    fold,
    part,
    point,
    cast(trades as bigint) as trades,
    observations,
    total_return,
    max_drawdown,
    exposure,
    mean,
    standard_deviation,
    mean / nullif(standard_deviation, 0) * sqrt(252) as sharpe,
    third_moment / nullif(power(second_moment, 1.5), 0) as skewness,
    fourth_moment / nullif(power(second_moment, 2), 0) as kurtosis
from moments
order by fold, part, point;

-- name: record(strategy, version, parameters, settings, first_session, last_session, data_fingerprint, code, git_commit, observations, mean, standard_deviation, skewness, kurtosis, metrics)*!
-- A point as a trial; one that is in the ledger already is the same trial.
insert into research.trials (
    strategy, version, parameters, accounts, settings, first_session, last_session,
    data_fingerprint, code, git_commit, observations, sharpe, skewness, kurtosis,
    metrics
)
values (
    :strategy,
    :version,
    :parameters,
    'symbols',
    :settings,
    :first_session,
    :last_session,
    :data_fingerprint,
    :code,
    :git_commit,
    :observations,
    cast(:mean as double precision)
    / nullif(cast(:standard_deviation as double precision), 0),
    :skewness,
    :kurtosis,
    :metrics
)
on conflict do nothing;

-- name: judged(strategy, version, settings, data_fingerprint, code)
-- The trials of a sweep, with what is left of their Sharpe ratios.
select
    trial_id,
    parameters,
    probabilistic_sharpe,
    deflated_sharpe,
    trials as trials_in_ledger
from marts.trials
where
    strategy = :strategy
    and version = :version
    and accounts = 'symbols'
    and settings = :settings
    and data_fingerprint = :data_fingerprint
    and code = :code;
