-- What people are told, and who was told already.

-- name: hold_lock(key)$
-- One teller at a time; the lock ends with the connection.
select pg_advisory_lock(:key);

-- name: pending(kinds, target, now, session)
-- Events of these kinds that an address was not told of. Only fresh ones: who
-- switches a kind on is not told of years.
with

events as (

    select
        'signals' as kind,
        'signal|' || signal_key as event_key,
        published_at as happened_at,
        side || ' ' || symbol || ' (' || strategy || ')' as title,
        details ->> 'sentence' as body
    from trading.signals

    union all

    select
        'fills',
        'fill|' || orders.id || '|' || trim_scale(fills.filled_qty),
        min(fills.happened_at),
        orders.side || ' ' || orders.symbol || ' filled',
        trim_scale(fills.filled_qty) || ' of ' || trim_scale(orders.qty)
        || ' shares at ' || round(min(fills.filled_avg_price), 4)
        || ' (' || orders.strategy || ', ' || orders.account_id || ')'
    from trading.order_events as fills
    inner join trading.orders
        on fills.order_id = orders.id
    where fills.filled_qty > 0
    group by orders.id, fills.filled_qty

    union all

    select
        'blocked',
        'blocked|' || id,
        created_at,
        side || ' ' || symbol || ' blocked',
        reason || ' (' || strategy || ', ' || account_id || ')'
    from trading.orders
    where state = 'blocked'

    union all

    select
        'failed_loads',
        'load|' || run_id,
        coalesce(known_at, started_at),
        'load from ' || source || ' '
        || case outcome when 'succeeded' then 'incomplete' else outcome end,
        coalesce(
            error,
            (
                select string_agg(symbol || ': ' || reason, '; ' order by symbol)
                from jsonb_each_text(failed_symbols) as failures (symbol, reason)
            ),
            'it was killed'
        )
    from raw.ingest_runs
    where outcome in ('failed', 'died') or failed_symbols <> '{}'

    union all

    select
        'halts',
        'halt|' || halt_id,
        halted_at,
        case kill when 'all' then 'desk halted' else 'entries halted' end,
        coalesce(reason, 'no reason given')
    from trading.halts

    union all

    select
        'report',
        'report|' || session_date,
        published_at,
        'report of ' || session_date,
        signals || ' signals published'
    from trading.published_sessions
    where session_date = :session

)

select
    kind,
    event_key,
    title,
    body
from events
where
    kind = any(:kinds)
    and happened_at >= :now::timestamptz - interval '7 days'
    and not exists (
        select from trading.told
        where told.event_key = events.event_key and told.target = :target
    )
order by happened_at, event_key;

-- name: begin_telling(event_keys, target)!
insert into trading.told (event_key, target)
select event_key, :target
from unnest(:event_keys::text[]) as events (event_key);

-- name: end_telling(event_keys, target)!
update trading.told
set told_at = clock_timestamp()
where event_key = any(:event_keys) and target = :target;

-- name: take_back(event_keys, target)!
delete from trading.told
where event_key = any(:event_keys) and target = :target;

-- name: interrupted(target)$
-- Events that a killed desk was telling; a later message says so, once.
select array_agg(event_key)
from trading.told
where target = :target and told_at is null;
