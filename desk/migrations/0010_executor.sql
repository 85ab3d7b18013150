-- The order ledger, complete: what was checked and answered is kept with each
-- order, steps that must not happen can't, and accounts at a real broker leave
-- a picture of each day.

-- What `desk orders` tells of an order.
alter table trading.orders
add column checks text [] not null default '{}',
add column answer text,
add column lease_pid integer;
comment on column trading.orders.checks is
'Risk checks the signal passed, in their order, each with its figures.';
comment on column trading.orders.answer is
'What the broker last said of the order, or why it said nothing.';
comment on column trading.orders.lease_until is
'Until when nobody else sends the order, if the session that does is alive.';
comment on column trading.orders.lease_pid is
'The database session that is sending the order.';

alter table trading.orders
add constraint the_id_is_derived check (
    client_order_id
    = 'desk-' || left(encode(sha256(convert_to(signal_key, 'UTF8')), 'hex'), 40)
),
add constraint three_attempts_at_most check (attempts between 0 and 3),
add constraint attempts_have_a_time check (
    (attempts = 0) = (last_attempt_at is null)
),
add constraint only_a_sent_order_is_booked check (
    broker_order_id is null or attempts > 0
),
add constraint a_booked_order_has_its_id check (
    case state
        when 'rejected' then true
        when 'blocked' then broker_order_id is null
        when 'submitting' then broker_order_id is null
        when 'abandoned' then broker_order_id is null
        else broker_order_id is not null
    end
),
add constraint only_a_booked_order_fills check (
    filled_qty = 0 or broker_order_id is not null
),
add constraint a_blocked_signal_was_never_sent check (
    state <> 'blocked' or attempts = 0
),
add constraint filled_means_all_of_it check (
    state <> 'filled' or filled_qty = qty
);
create unique index orders_of_a_broker_stand_once
on trading.orders (account_id, broker_order_id);

create or replace function trading.guard_order() returns trigger
language plpgsql as $$
declare
    -- What the broker never confirmed may still turn up there; what it has
    -- ended stays ended, and what filled stays filled.
    next_states text [] := case
        when old.state = 'submitting' then
            '{open,partially_filled,filled,canceled,expired,rejected,abandoned}'
        when
            old.state = 'abandoned'
            or (old.state = 'rejected' and old.broker_order_id is null)
            then '{open,partially_filled,filled,canceled,expired,rejected}'
        when old.state = 'open' then
            '{partially_filled,filled,canceled,expired,rejected}'
        when old.state = 'partially_filled' then
            '{filled,canceled,expired,rejected}'
        else '{}'
    end;
begin
    if new.state <> old.state and new.state <> all(next_states) then
        raise exception 'order % is % and does not become %',
            old.id, old.state, new.state;
    end if;
    if new.attempts < old.attempts or new.attempts > old.attempts + 1 then
        raise exception 'order %: attempts go up one by one (% to %)',
            old.id, old.attempts, new.attempts;
    end if;
    if new.filled_qty < old.filled_qty then
        raise exception 'order %: filled quantity never shrinks (% to %)',
            old.id, old.filled_qty, new.filled_qty;
    end if;
    if old.broker_order_id is not null
        and new.broker_order_id is distinct from old.broker_order_id then
        raise exception 'order %: the broker has it as %, not as %',
            old.id, old.broker_order_id, new.broker_order_id;
    end if;
    if (
        new.account_id, new.signal_key, new.client_order_id, new.signal,
        new.strategy, new.symbol, new.side, new.qty, new.price,
        new.limit_price, new.valid_until, new.checks, new.created_at
    ) is distinct from (
        old.account_id, old.signal_key, old.client_order_id, old.signal,
        old.strategy, old.symbol, old.side, old.qty, old.price,
        old.limit_price, old.valid_until, old.checks, old.created_at
    ) then
        raise exception 'order %: what was decided does not change', old.id;
    end if;
    return new;
end
$$;

create function trading.guard_claim() returns trigger
language plpgsql as $$
begin
    if new.state not in ('blocked', 'submitting')
        or new.attempts > 0 or new.filled_qty > 0
        or new.broker_order_id is not null then
        raise exception '%: an order begins as a claim, not as %',
            new.signal_key, new.state;
    end if;
    return new;
end
$$;

create trigger orders_begin_as_claims
before insert on trading.orders
for each row execute function trading.guard_claim();

create trigger orders_are_kept
before delete or truncate on trading.orders
for each statement execute function trading.refuse_change();

-- Every attempt and every answer is an event, not only a change of state.
alter table trading.order_events
add column attempts integer not null default 0,
add column answer text,
add column filled_avg_price numeric;

create or replace function trading.record_order_event() returns trigger
language plpgsql security definer set search_path = trading, pg_temp as $$
begin
    if tg_op = 'INSERT' or (
        old.state, old.filled_qty, old.reason, old.attempts, old.answer
    ) is distinct from (
        new.state, new.filled_qty, new.reason, new.attempts, new.answer
    ) then
        insert into trading.order_events (
            order_id, old_state, new_state, filled_qty, filled_avg_price,
            attempts, reason, answer, happened_at
        )
        values (
            new.id, case when tg_op = 'UPDATE' then old.state end,
            new.state, new.filled_qty, new.filled_avg_price, new.attempts,
            new.reason, new.answer, new.updated_at
        );
    end if;
    return null;
end
$$;

alter table trading.control
add column resumed_at timestamptz;
comment on column trading.control.resumed_at is
'When a person last let the desk go on: what the broker had by then and the '
'ledger does not know is no surprise any more.';

-- The account as the broker last showed it on each session's clock.
create table trading.account_snapshots (
    account_id text not null,
    session_date date not null,
    cash numeric not null,
    equity numeric not null,
    buying_power numeric,
    taken_at timestamptz not null,
    primary key (account_id, session_date)
);
comment on table trading.account_snapshots is
'One row per account and session: its money as the last pass on that session '
'saw it at the broker, US dollars.';

create table trading.position_snapshots (
    account_id text not null,
    session_date date not null,
    symbol text not null,
    qty numeric not null,
    market_value numeric not null,
    primary key (account_id, session_date, symbol),
    foreign key (account_id, session_date)
    references trading.account_snapshots
);
comment on table trading.position_snapshots is
'One row per account, session and symbol held: shares and their value as the '
'last pass on that session saw them at the broker, US dollars.';

create or replace view trading.positions as
select
    accounts.account_id,
    sessions.session_date,
    positions.symbol,
    positions.qty,
    positions.close,
    positions.market_value
from trading.sim_accounts as accounts
cross join trading.published_sessions as sessions
cross join lateral trading.sim_positions(
    accounts.account_id, sessions.session_date
) as positions

union all

select
    account_id,
    session_date,
    symbol,
    qty,
    round(market_value / qty, 4),
    market_value
from trading.position_snapshots
where account_id not like 'sim:%';
comment on view trading.positions is
'One row per account, session and symbol held after it: shares, price as '
'traded and market value, US dollars. Simulated accounts are computed anew, '
'others are as the broker showed them.';

create or replace view trading.account_equity as
with

valued as (

    select
        account_id,
        session_date,
        sum(market_value) as position_value
    from trading.positions
    where account_id like 'sim:%'
    group by account_id, session_date

)

select
    accounts.account_id,
    sessions.session_date,
    balances.cash,
    coalesce(valued.position_value, 0) as position_value,
    balances.cash + coalesce(valued.position_value, 0) as equity
from trading.sim_accounts as accounts
cross join trading.published_sessions as sessions
inner join trading.sim_balances as balances
    on
        accounts.account_id = balances.account_id
        and sessions.session_date >= balances.from_session
        and sessions.session_date < balances.until_session
left join valued
    on
        accounts.account_id = valued.account_id
        and sessions.session_date = valued.session_date

union all

select
    account_id,
    session_date,
    cash,
    equity - cash,
    equity
from trading.account_snapshots
where account_id not like 'sim:%';
comment on view trading.account_equity is
'One row per account and session: cash, value of positions at the close, and '
'their sum, US dollars. Simulated accounts are computed anew, others are as '
'the broker showed them.';

-- Expected against real fills.
create view trading.fill_quality as
with

priced as (

    select
        orders.id as order_id,
        orders.account_id,
        orders.strategy,
        orders.symbol,
        orders.side,
        orders.filled_qty,
        orders.filled_avg_price,
        next_session.session_date as fill_session,
        bars.open::numeric * case
            when orders.account_id like 'sim:%'
                then trading.split_ratio(
                    orders.symbol, signals.bar_date, next_session.session_date
                )
            else 1
        end as expected_price
    from trading.orders
    inner join trading.signals
        on orders.signal_key = signals.signal_key
    cross join lateral (
        select session_date
        from raw.exchange_sessions
        where session_date > signals.bar_date
        order by session_date
        limit 1
    ) as next_session
    left join raw.raw_prices as bars
        on
            orders.symbol = bars.symbol
            and next_session.session_date = bars.bar_date
    where
        orders.filled_qty > 0
        and orders.filled_avg_price > 0

)

select
    order_id,
    account_id,
    strategy,
    symbol,
    side,
    fill_session,
    filled_qty,
    expected_price,
    filled_avg_price,
    round(
        (filled_avg_price / expected_price - 1) * 10000
        * case side when 'buy' then 1 else -1 end,
        2
    ) as slippage_bps
from priced;
comment on view trading.fill_quality is
'One row per order that filled: the open it was meant to fill at, what it '
'filled at, and what that cost in basis points (negative: better).';

grant insert, update on trading.account_snapshots to desk_executor;
grant insert, update, delete on trading.position_snapshots to desk_executor;
