-- The live feed: one numbered row for each published signal, step of an order
-- and turn of a load. Who has seen number n asks for what comes after n.

create table trading.feed_events (
    sequence bigint primary key,
    kind text not null check (kind in ('signals', 'orders', 'runs')),
    symbol text,
    strategy text,
    happened_at timestamptz not null,
    data jsonb not null
);
comment on table trading.feed_events is
'One row per event of the live feed. The newest million is kept.';
comment on column trading.feed_events.sequence is
'1, 2, 3 … without a gap, in the order in which the events became visible.';

grant select on trading.feed_events to desk_api;

-- Numbers are given out at commit (the triggers below are deferred), one
-- transaction at a time: a lock that is held until the commit is done, so that
-- number n + 1 never shows before n, and a rollback leaves no gap. Taken last,
-- it can't close a circle with locks on other rows.
create function trading.append_event(
    of_kind text,
    of_symbol text,
    of_strategy text,
    at_moment timestamptz,
    with_data jsonb
) returns void
language plpgsql security definer set search_path = trading, pg_temp as $$
declare
    kept constant bigint := 1000000;
    next_sequence bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('trading.feed_events', 0));
    select coalesce(max(sequence), 0) + 1 into next_sequence
    from trading.feed_events;
    insert into trading.feed_events
    values (
        next_sequence, of_kind, of_symbol, of_strategy, at_moment, with_data
    );
    delete from trading.feed_events where sequence <= next_sequence - kept;
    notify desk_feed;
end
$$;

create function trading.feed_signal() returns trigger
language plpgsql security definer
set search_path = trading, pg_temp set timezone = 'UTC' as $$
begin
    perform trading.append_event(
        'signals', new.symbol, new.strategy, new.published_at,
        to_jsonb(new) - array['sequence', 'run_id']
    );
    return null;
end
$$;

create function trading.feed_order() returns trigger
language plpgsql security definer
set search_path = trading, pg_temp set timezone = 'UTC' as $$
declare
    its_order trading.orders;
begin
    select * into its_order from trading.orders where id = new.order_id;
    perform trading.append_event(
        'orders', its_order.symbol, its_order.strategy, new.happened_at,
        jsonb_build_object(
            'order_id', its_order.id,
            'account_id', its_order.account_id,
            'signal_key', its_order.signal_key,
            'symbol', its_order.symbol,
            'strategy', its_order.strategy,
            'side', its_order.side,
            'qty', its_order.qty,
            'old_state', new.old_state,
            'state', new.new_state,
            'reason', new.reason,
            'filled_qty', new.filled_qty,
            'filled_avg_price', new.filled_avg_price,
            'happened_at', new.happened_at
        )
    );
    return null;
end
$$;

create function trading.feed_run() returns trigger
language plpgsql security definer
set search_path = trading, pg_temp set timezone = 'UTC' as $$
begin
    perform trading.append_event(
        'runs', null, null, coalesce(new.finished_at, new.started_at),
        to_jsonb(new) - array['symbols', 'failed_symbols']
    );
    return null;
end
$$;

create constraint trigger published_signals_go_to_the_feed
after insert on trading.signals
deferrable initially deferred
for each row execute function trading.feed_signal();

create constraint trigger order_steps_go_to_the_feed
after insert on trading.order_events
deferrable initially deferred
for each row execute function trading.feed_order();

create constraint trigger new_runs_go_to_the_feed
after insert on raw.ingest_runs
deferrable initially deferred
for each row execute function trading.feed_run();

create constraint trigger turns_of_runs_go_to_the_feed
after update on raw.ingest_runs
deferrable initially deferred
for each row
when (
    (old.outcome, old.gate_outcome) is distinct from (new.outcome, new.gate_outcome)
)
execute function trading.feed_run();

revoke execute on function trading.append_event from public;
