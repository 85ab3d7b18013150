-- What the desk said and did: published signals, orders, and the dry-run
-- broker's book. Money and quantities are numeric. Written by desk_executor.

create table trading.control (
    only_row boolean primary key default true check (only_row),
    kill text not null default 'off' check (kill in ('off', 'entries', 'all')),
    reason text,
    first_session date,
    replay_from date,
    replay_until date,
    check ((replay_from is null) = (replay_until is null))
);
insert into trading.control default values;
comment on table trading.control is
'One row: the kill switch, the first session whose signals are published, '
'and the sessions an unfinished replay still has to walk.';

create table trading.published_sessions (
    session_date date primary key,
    signals integer not null,
    run_id uuid not null,
    published_at timestamptz not null
);
comment on column trading.published_sessions.run_id is
'The load whose prices the signals came from: the last that succeeded.';
comment on table trading.published_sessions is
'One row per session whose signals have been published, with or without any.';

create table trading.signals (
    signal_key text primary key,
    sequence bigint generated always as identity unique,
    strategy text not null,
    symbol text not null,
    bar_date date not null references trading.published_sessions,
    side text not null check (side in ('buy', 'sell')),
    close double precision not null,
    details jsonb not null,
    run_id uuid not null,
    published_at timestamptz not null,
    valid_until timestamptz not null,
    check (signal_key = strategy || '|' || symbol || '|' || bar_date)
);
create index on trading.signals (bar_date);
comment on table trading.signals is
'One row per published signal, append-only: what the desk said, when and why.';
comment on column trading.signals.sequence is
'Order of publication, for clients that resume the live feed.';
comment on column trading.signals.close is
'Close of the signal''s own session, US dollars as traded.';
comment on column trading.signals.valid_until is
'Close of the next session; the signal may not be acted on after it.';

create function trading.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception '% is append-only: % refused', tg_table_name, tg_op;
end
$$;

create trigger signals_are_append_only
before update or delete or truncate on trading.signals
for each statement execute function trading.refuse_change();

create function trading.notify_signal() returns trigger
language plpgsql as $$
begin
    perform pg_notify('desk_signals', new.sequence::text);
    return null;
end
$$;

create trigger published_signals_are_announced
after insert on trading.signals
for each row execute function trading.notify_signal();

create table trading.orders (
    id bigint generated always as identity primary key,
    account_id text not null,
    signal_key text not null references trading.signals,
    client_order_id text not null,
    signal jsonb not null,
    strategy text not null,
    symbol text not null,
    side text not null check (side in ('buy', 'sell')),
    qty numeric not null check (qty >= 0),
    price numeric,
    limit_price numeric,
    valid_until timestamptz not null,
    state text not null check (state in (
        'blocked', 'submitting', 'open', 'partially_filled', 'filled',
        'canceled', 'expired', 'rejected', 'abandoned'
    )),
    reason text,
    attempts integer not null default 0,
    last_attempt_at timestamptz,
    lease_until timestamptz,
    broker_order_id text,
    filled_qty numeric not null default 0 check (filled_qty >= 0),
    filled_avg_price numeric,
    filled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (account_id, signal_key),
    unique (account_id, client_order_id),
    check (filled_qty <= qty),
    check (state = 'blocked' or (qty > 0 and price > 0)),
    check (state not in ('blocked', 'rejected') or reason is not null),
    check (filled_qty > 0 or state not in ('filled', 'partially_filled'))
);
comment on table trading.orders is
'One row per account and decided signal: an order, or why there is none.';
comment on column trading.orders.price is
'Worst price per share the cash check reserved, US dollars.';
comment on column trading.orders.qty is
'Shares, in the terms of the signal''s session (before any later split).';
comment on column trading.orders.attempts is
'Times the order was sent, each committed before the call; 0: never sent.';

create table trading.order_events (
    event_id bigint generated always as identity primary key,
    order_id bigint not null references trading.orders,
    old_state text,
    new_state text not null,
    filled_qty numeric not null,
    reason text,
    happened_at timestamptz not null
);
create index on trading.order_events (order_id);
comment on table trading.order_events is
'One row per change of an order, append-only, written by trigger.';

create trigger order_events_are_append_only
before update or delete or truncate on trading.order_events
for each statement execute function trading.refuse_change();

create function trading.guard_order() returns trigger
language plpgsql as $$
begin
    -- A refusal without a broker's order, or giving up, is undone when the
    -- broker turns out to have the order; every other ending is final.
    if new.state <> old.state and (
        old.state in ('blocked', 'filled', 'canceled', 'expired')
        or (old.state = 'rejected' and old.broker_order_id is not null)
        or new.state in ('blocked', 'submitting')
    ) then
        raise exception 'order % is % and does not become %',
            old.id, old.state, new.state;
    end if;
    if new.attempts < old.attempts then
        raise exception 'order %: attempts never shrink (% to %)',
            old.id, old.attempts, new.attempts;
    end if;
    if new.filled_qty < old.filled_qty then
        raise exception 'order %: filled quantity never shrinks (% to %)',
            old.id, old.filled_qty, new.filled_qty;
    end if;
    if (
        new.account_id, new.signal_key, new.client_order_id, new.signal,
        new.symbol, new.side, new.qty, new.price, new.created_at
    ) is distinct from (
        old.account_id, old.signal_key, old.client_order_id, old.signal,
        old.symbol, old.side, old.qty, old.price, old.created_at
    ) then
        raise exception 'order %: what was decided does not change', old.id;
    end if;
    return new;
end
$$;

create trigger order_steps_are_legal
before update on trading.orders
for each row execute function trading.guard_order();

create function trading.record_order_event() returns trigger
language plpgsql security definer set search_path = trading, pg_temp as $$
begin
    if tg_op = 'INSERT' or (old.state, old.filled_qty, old.reason)
        is distinct from (new.state, new.filled_qty, new.reason) then
        insert into trading.order_events (
            order_id, old_state, new_state, filled_qty, reason, happened_at
        )
        values (
            new.id, case when tg_op = 'UPDATE' then old.state end,
            new.state, new.filled_qty, new.reason, new.updated_at
        );
    end if;
    return null;
end
$$;

create trigger order_changes_are_recorded
after insert or update on trading.orders
for each row execute function trading.record_order_event();

grant insert, update on trading.orders to desk_executor;
grant insert on
trading.signals, trading.published_sessions to desk_executor;
grant update on trading.control to desk_executor;
