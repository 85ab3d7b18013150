-- The API's keys, what one with the scope control may do, and what tells
-- whether the schema is the newest. The API has a role of its own for this;
-- what it reads besides, it reads as desk_reader.

create table trading.api_keys (
    key_id text primary key check (key_id = left(encode(hash, 'hex'), 12)),
    name text not null check (name <> ''),
    scope text not null check (scope in ('read', 'control')),
    hash bytea not null unique check (length(hash) = 32),
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
create unique index on trading.api_keys (name) where revoked_at is null;
comment on table trading.api_keys is
'One row per API key ever made. Control includes read.';
comment on column trading.api_keys.hash is
'SHA-256 of the key, which has 256 random bits; the key itself is nowhere.';

revoke select on trading.api_keys from desk_reader, desk_dbt, desk_executor;
grant select on trading.api_keys to desk_api;

create function trading.announce_keys() returns trigger
language plpgsql as $$
begin
    notify desk_keys;
    return null;
end
$$;

create trigger key_changes_are_announced
after insert or update or delete on trading.api_keys
for each statement execute function trading.announce_keys();

-- The kill switch; an earlier reason to stop everything is kept.
create function trading.halt(new_kill text, new_reason text) returns void
language sql security definer set search_path = trading, pg_temp as $$
    update trading.control
    set
        kill = new_kill,
        reason = new_reason
    where kill <> 'all'
$$;

-- A person has looked and lets the desk go on.
create function trading.resume(moment timestamptz) returns void
language sql security definer set search_path = trading, pg_temp as $$
    update trading.control
    set
        kill = 'off',
        reason = null,
        resumed_at = moment
$$;

revoke execute on function trading.halt, trading.resume from public;
grant execute on function trading.halt, trading.resume
to desk_api, desk_executor;
grant select on trading.control to desk_api;

grant usage on schema migrations to desk_reader;
grant select on migrations._yoyo_migration to desk_reader;

-- What became of a signal, with what filled.
create or replace view trading.signal_states as
select
    signals.*,
    newest_order.state as executed,
    newest_order.reason as executed_reason,
    newest_order.filled_qty,
    newest_order.filled_avg_price
from trading.signals
left join lateral (
    select
        orders.state,
        orders.reason,
        orders.filled_qty,
        orders.filled_avg_price
    from trading.orders
    where orders.signal_key = signals.signal_key
    order by orders.id desc
    limit 1
) as newest_order on true;

create index on trading.signals (symbol, sequence);
create index on trading.signals (strategy, sequence);
create index on trading.orders (symbol, id);
