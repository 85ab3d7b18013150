-- The order ledger: trading.orders and trading.control.

-- name: take_ledger(key)
-- One writer of the ledger at a time; held as long as the connection.
select pg_advisory_lock(:key);

-- name: control()
select
    kill,
    reason,
    first_session,
    replay_from,
    replay_until
from trading.control;

-- name: set_kill(kill, reason)
-- The kill switch; an earlier reason to stop everything is kept.
select trading.halt(:kill, :reason);

-- name: resume(now)
-- A person has looked and lets the desk go on.
select trading.resume(:now);

-- name: undecided_signals(account_id, now)
-- Published signals the account has no verdict on. Exits come first, so that
-- an entry never stands in an exit's way.
select
    signals.signal_key,
    signals.strategy,
    signals.symbol,
    signals.bar_date,
    signals.side,
    signals.close::numeric as close,
    signals.valid_until
from trading.signals
left join trading.orders
    on
        signals.signal_key = orders.signal_key
        and orders.account_id = :account_id
where
    orders.id is null
    and signals.published_at <= :now
order by signals.bar_date, signals.side desc, signals.signal_key;

-- name: claim(account_id, signal_key, client_order_id, qty, price, state, reason, checks, now)
-- The claim: whoever inserts this row owns the signal. No one constraint is
-- named: rivals may meet at the signal or at the id derived from it.
insert into trading.orders (
    account_id, signal_key, client_order_id, signal, strategy, symbol, side,
    qty, price, valid_until, state, reason, checks, created_at, updated_at
)
select
    :account_id,
    signal_key,
    :client_order_id,
    to_jsonb(signals),
    strategy,
    symbol,
    side,
    :qty,
    :price,
    valid_until,
    :state,
    :reason,
    :checks,
    :now,
    :now
from trading.signals
where signal_key = :signal_key
on conflict do nothing
returning id;

-- name: orders(account_id, now, states, ids)
-- Orders in some states, or with some ids, oldest first. A replay does not know
-- what it has not come to; at a broker everything counts, whatever clock it has.
select
    id,
    signal_key,
    client_order_id,
    strategy,
    symbol,
    side,
    qty,
    price,
    valid_until,
    state,
    reason,
    attempts,
    last_attempt_at,
    broker_order_id,
    filled_qty,
    filled_avg_price
from trading.orders
where
    account_id = :account_id
    and (created_at <= :now or not starts_with(account_id, 'sim:'))
    and (
        state = any(:states::text [])
        or id = any(:ids::bigint [])
    )
order by id;

-- name: known_orders(account_id, client_order_ids)
-- What the ledger has behind some client order ids.
select
    id,
    client_order_id,
    symbol,
    side,
    qty,
    state
from trading.orders
where
    account_id = :account_id
    and client_order_id = any(:client_order_ids::text []);

-- name: note_trouble(account_id, broker_order_id, trouble)
-- That an order contradicts the ledger; whether a person has seen it and gone on.
insert into trading.order_troubles (account_id, broker_order_id, trouble)
values (:account_id, :broker_order_id, :trouble)
on conflict (account_id, broker_order_id, trouble) do update
set trouble = excluded.trouble
returning vouched_at is not null;

-- name: signal_behind(client_order_id, now)
-- The published signal a client order id is derived from.
select
    signal_key,
    strategy,
    symbol,
    bar_date,
    side,
    close::numeric as close,
    valid_until
from trading.signals
where
    'desk-' || left(encode(sha256(convert_to(signal_key, 'UTF8')), 'hex'), 40)
    = :client_order_id
    and published_at <= :now;

-- name: strategy_holdings(account_id, now, session)
-- Shares each strategy's own fills left it with, splits since then included.
-- The dry run's quantities are in the terms of the signal's session, a real
-- broker's in those of the day it filled.
select
    orders.strategy,
    orders.symbol,
    trim_scale(round(sum(
        case orders.side
            when 'buy' then orders.filled_qty
            else -orders.filled_qty
        end
        * trading.split_ratio(
            orders.symbol,
            case
                when starts_with(orders.account_id, 'sim:') then signals.bar_date
                else coalesce(
                    (orders.filled_at at time zone 'America/New_York')::date,
                    signals.bar_date
                )
            end,
            :session
        )
    ), 9)) as qty
from trading.orders
inner join trading.signals
    on orders.signal_key = signals.signal_key
where
    orders.account_id = :account_id
    and (orders.created_at <= :now or not starts_with(orders.account_id, 'sim:'))
    and orders.filled_qty > 0
group by orders.strategy, orders.symbol;

-- name: orders_between(account_id, since, now)
-- How many orders were decided on from a moment on.
select count(*)
from trading.orders
where
    account_id = :account_id
    and state <> 'blocked'
    and created_at >= :since
    and (created_at <= :now or not starts_with(account_id, 'sim:'));

-- name: marked_symbols()
-- The first of each symbol's open marks by the quality gate.
select distinct on (symbol)
    symbol,
    rule,
    bar_date,
    value
from raw.symbol_marks
where cleared_at is null
order by symbol, bar_date, rule;

-- name: count_attempt(id, attempts, now, lease_seconds)!
-- Committed before the call. Nothing happens, and nothing may be sent, if
-- another process was first or is sending (not if it died), or if the desk is
-- halted.
update trading.orders
set
    attempts = attempts + 1,
    last_attempt_at = :now,
    lease_until = clock_timestamp() + make_interval(secs => :lease_seconds),
    lease_pid = pg_backend_pid(),
    updated_at = :now
where
    id = :id
    and attempts = :attempts
    and state = 'submitting'
    and not coalesce(
        lease_until > clock_timestamp()
        and lease_pid <> pg_backend_pid()
        and exists (
            select
            from pg_stat_activity
            where pg_stat_activity.pid = orders.lease_pid
        ),
        false
    )
    and exists (
        select
        from trading.control
        where
            control.kill = 'off'
            or (control.kill = 'entries' and orders.side = 'sell')
    );

-- name: note_answer(id, attempts, answer, now)!
-- What was said, or not, of an order whose outcome is unknown; the call is over.
update trading.orders
set
    answer = :answer,
    lease_until = null,
    updated_at = :now
where
    id = :id
    and state = 'submitting'
    and attempts = :attempts;

-- name: adopt(id, state, reason, answer, broker_order_id, filled_qty, filled_avg_price, filled_at, now)
-- The broker's word on an order: what it filled only grows, an end is final
-- (a late fill still counts), and `filled` is believed when all of it has.
with

told as (

    select
        id,
        state as old_state,
        greatest(filled_qty, :filled_qty) as new_filled_qty,
        filled_qty as old_filled_qty,
        case
            when state in ('canceled', 'expired') then state
            when
                :state::text = 'open'
                or (
                    :state::text = 'filled'
                    and greatest(filled_qty, :filled_qty) < qty
                )
                then case
                    when greatest(filled_qty, :filled_qty) > 0
                        then 'partially_filled'
                    else 'open'
                end
            else :state::text
        end as new_state
    from trading.orders
    where
        id = :id
        and (
            state in ('submitting', 'open', 'partially_filled', 'abandoned')
            or (state = 'rejected' and broker_order_id is null)
            or (state in ('canceled', 'expired') and :filled_qty > filled_qty)
        )
    for update

)

update trading.orders
set
    state = told.new_state,
    reason = case
        when told.old_state in ('canceled', 'expired') then orders.reason
        else :reason
    end,
    answer = :answer,
    -- Found at the broker though the ledger never sent it: it was restored.
    attempts = greatest(orders.attempts, 1),
    last_attempt_at = coalesce(orders.last_attempt_at, :now),
    lease_until = null,
    broker_order_id = coalesce(orders.broker_order_id, :broker_order_id),
    filled_qty = told.new_filled_qty,
    filled_avg_price = case
        when :filled_qty >= orders.filled_qty
            then coalesce(:filled_avg_price, orders.filled_avg_price)
        else orders.filled_avg_price
    end,
    filled_at = coalesce(:filled_at, orders.filled_at),
    updated_at = :now
from told
where
    orders.id = told.id
    and (
        orders.state, orders.filled_qty, orders.broker_order_id, orders.answer
    ) is distinct from (
        told.new_state, told.new_filled_qty,
        coalesce(orders.broker_order_id, :broker_order_id::text), :answer::text
    )
returning told.new_filled_qty > told.old_filled_qty;

-- name: close_unbooked(id, attempts, state, reason, now)!
-- An order the broker does not have: refused, or given up.
update trading.orders
set
    state = :state,
    reason = :reason,
    lease_until = null,
    updated_at = :now
where
    id = :id
    and attempts = :attempts
    and state = 'submitting';

-- name: keep_account(account_id, session, cash, equity, buying_power, now)!
-- The account as the last pass on a session saw it.
insert into trading.account_snapshots as kept (
    account_id, session_date, cash, equity, buying_power, taken_at
)
values (:account_id, :session, :cash, :equity, :buying_power, :now)
on conflict (account_id, session_date) do update
set
    cash = excluded.cash,
    equity = excluded.equity,
    buying_power = excluded.buying_power,
    taken_at = excluded.taken_at
where kept.taken_at <= excluded.taken_at;

-- name: keep_positions(account_id, session, symbols, qtys, market_values)!
-- The positions that go with it.
with

shown as (

    select
        symbol,
        qty,
        market_value
    from unnest(
        :symbols::text [], :qtys::numeric [], :market_values::numeric []
    ) as positions (symbol, qty, market_value)

),

gone as (

    delete from trading.position_snapshots
    where
        account_id = :account_id
        and session_date = :session
        and symbol not in (select symbol from shown)

)

insert into trading.position_snapshots as kept (
    account_id, session_date, symbol, qty, market_value
)
select
    :account_id,
    :session,
    symbol,
    qty,
    market_value
from shown
on conflict (account_id, session_date, symbol) do update
set
    qty = excluded.qty,
    market_value = excluded.market_value
where (kept.qty, kept.market_value)
    is distinct from (excluded.qty, excluded.market_value);
