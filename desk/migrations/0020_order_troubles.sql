-- Orders that the broker and the ledger see differently, and what a person has
-- vouched for: each trouble of each order, not a moment before which all is well.

create table trading.order_troubles (
    account_id text not null,
    broker_order_id text not null,
    trouble text not null,
    seen_at timestamptz not null default now(),
    vouched_at timestamptz,
    primary key (account_id, broker_order_id, trouble)
);
comment on table trading.order_troubles is
'One row per order at the broker and way in which the ledger contradicts it; '
'trouble is the reason with which that halts the desk.';
comment on column trading.order_troubles.vouched_at is
'When a person let the desk go on that had halted over it, or over another one '
'beside it.';
grant insert, update on trading.order_troubles to desk_executor;

comment on column trading.control.resumed_at is
'When a person last let the desk go on.';

-- A person has looked and lets the desk go on. That vouches for orders only if they
-- are what it had halted over: who resumes from lunch was told nothing of them.
create or replace function trading.resume(moment timestamptz) returns void
language sql security definer set search_path = trading, pg_temp as $$
    update trading.order_troubles
    set vouched_at = moment
    where
        vouched_at is null
        and exists (
            select
            from trading.control
            inner join trading.order_troubles as told
                on control.reason = told.trouble
            where told.vouched_at is null
        );
    update trading.control
    set
        kill = 'off',
        reason = null,
        resumed_at = moment
$$;
