-- What Prometheus gets of the desk: a row per metric and set of labels, from tables
-- alone, so that passes which end at once need no process to be asked. Read with the
-- reader's rights.

with recursive

symbols as (

    select min(symbol) as symbol
    from raw.raw_prices

    union all

    select (
        select min(raw_prices.symbol)
        from raw.raw_prices
        where raw_prices.symbol > symbols.symbol
    ) as symbol
    from symbols
    where symbols.symbol is not null

),

-- One step along the primary key per symbol: a plain max(bar_date) reads every bar.
last_bar as (

    select max(newest.bar_date) as bar_date
    from symbols
    cross join lateral (
        select max(raw_prices.bar_date) as bar_date
        from raw.raw_prices
        where raw_prices.symbol = symbols.symbol
    ) as newest

),

last_load as (

    select *
    from raw.ingest_runs
    order by started_at desc
    limit 1

),

last_stages as (

    select distinct on (stage) *
    from trading.stage_runs
    where outcome <> 'running'
    order by stage asc, started_at desc

),

last_successes as (

    select distinct on (stage) *
    from trading.stage_runs
    where outcome = 'succeeded'
    order by stage asc, started_at desc

),

last_snapshots as (

    select distinct on (account_id) *
    from trading.account_snapshots
    order by account_id asc, taken_at desc

),

recent_fills as (

    select
        fills.account_id,
        fills.side,
        fills.slippage_bps
    from trading.fill_quality as fills
    where
        fills.slippage_bps is not null
        and fills.fill_session > (
            select max(bar_date) - 30
            from last_bar
        )

)

select
    'desk_loaded_bars_total' as metric,
    jsonb_build_object('outcome', counted.outcome) as labels,
    sum(counted.bars)::double precision as value
from raw.ingest_runs
cross join lateral (
    values
    ('new', ingest_runs.rows_new),
    ('changed', ingest_runs.rows_changed),
    ('same', ingest_runs.rows_same),
    ('rejected', ingest_runs.rows_rejected)
) as counted (outcome, bars)
group by counted.outcome

union all

select
    'desk_loads_total',
    jsonb_build_object('outcome', outcome),
    count(*)
from raw.ingest_runs
where outcome <> 'running'
group by outcome

union all

select
    'desk_gate_passed',
    '{}',
    (gate_outcome <> 'failed')::integer
from last_load

union all

select
    'desk_symbols_without_data',
    '{}',
    (
        select count(*)
        from jsonb_object_keys(failed_symbols)
    )
from last_load

union all

select
    'desk_marked_symbols',
    '{}',
    count(distinct symbol)
from raw.symbol_marks
where cleared_at is null

union all

select
    'desk_last_bar_timestamp_seconds',
    '{}',
    extract(epoch from sessions.closes_at)
from last_bar
inner join raw.exchange_sessions as sessions
    on last_bar.bar_date = sessions.session_date

union all

select
    'desk_stage_seconds',
    jsonb_build_object('stage', stage),
    extract(epoch from finished_at - started_at)
from last_successes

union all

select
    'desk_stage_last_success_timestamp_seconds',
    jsonb_build_object('stage', stage),
    extract(epoch from finished_at)
from last_successes

union all

select
    'desk_stage_failing',
    jsonb_build_object('stage', stages.stage),
    -- A later pass that came to publish makes good what failed before it.
    (
        stages.outcome <> 'succeeded'
        and stages.started_at > coalesce(publish.started_at, '-infinity')
    )::integer
from last_stages as stages
left join last_successes as publish on publish.stage = 'publish'

union all

select
    'desk_signals_total',
    jsonb_build_object('strategy', strategy, 'side', side),
    count(*)
from trading.signals
group by strategy, side

union all

select
    'desk_orders',
    jsonb_build_object('account', account_id, 'state', state),
    count(*)
from trading.orders
group by account_id, state

union all

select
    'desk_orders_unknown',
    '{}',
    count(*)
from trading.orders
where state = 'submitting' and attempts > 0

union all

select
    'desk_slippage_bps',
    jsonb_build_object('account', account_id, 'side', side),
    avg(slippage_bps)
from recent_fills
group by account_id, side

union all

select
    'desk_equity_dollars',
    jsonb_build_object('account', account_id),
    equity
from last_snapshots

union all

select
    'desk_halted',
    jsonb_build_object('scope', scope),
    (kill = scope)::integer
from trading.control
cross join unnest(array['entries', 'all']) as scope

union all

select
    'desk_database_bytes',
    '{}',
    pg_database_size(current_database());
