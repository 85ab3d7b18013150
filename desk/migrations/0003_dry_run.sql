-- The dry-run broker's own book. It stands for the other side of the wire:
-- the executor reads it only through the broker protocol. Cash and positions
-- are never stored; views compute them from fills and corporate actions.

create table trading.sim_accounts (
    account_id text primary key check (account_id like 'sim:%'),
    starting_cash numeric not null check (starting_cash > 0),
    opened_at timestamptz not null
);
comment on table trading.sim_accounts is
'One row per simulated account.';

create table trading.sim_orders (
    broker_order_id uuid primary key,
    sequence bigint generated always as identity unique,
    account_id text not null references trading.sim_accounts,
    client_order_id text not null,
    symbol text not null,
    side text not null check (side in ('buy', 'sell')),
    qty numeric not null check (qty > 0),
    status text not null default 'new'
    check (status in ('new', 'filled', 'expired', 'rejected')),
    reason text,
    submitted_at timestamptz not null,
    submitted_session date not null,
    closed_session date,
    filled_at timestamptz,
    filled_qty numeric not null default 0 check (filled_qty in (0, qty)),
    filled_avg_price numeric,
    commission numeric not null default 0,
    unique (account_id, client_order_id),
    check (closed_session > submitted_session),
    check ((status = 'new') = (closed_session is null)),
    check ((status = 'filled') = (filled_qty > 0)),
    check ((status = 'filled') = (filled_avg_price is not null)),
    check ((status = 'filled') = (filled_at is not null)),
    check (status <> 'rejected' or reason is not null)
);
comment on table trading.sim_orders is
'One row per order booked by the dry-run broker. Shares and price are in the '
'terms of the session it was submitted after, also when a split comes between '
'that session and the fill.';
comment on column trading.sim_orders.submitted_session is
'Last session that had closed when the order came in.';
comment on column trading.sim_orders.closed_session is
'Session at whose open the order was filled or rejected, or ran out.';

create aggregate trading.product (numeric) (
    sfunc = numeric_mul, stype = numeric, initcond = '1', parallel = safe
);

create function trading.split_ratio(
    of_symbol text, after_date date, until_date date
) returns numeric
language sql stable parallel safe as $$
    select trading.product(value::numeric)
    from raw.corporate_actions
    where
        symbol = of_symbol
        and kind = 'split'
        and ex_date > after_date
        and ex_date <= until_date
$$;
comment on function trading.split_ratio is
'Shares on a date for one share held on an earlier date.';

create view trading.sim_fills as
select
    account_id,
    symbol,
    closed_session as session_date,
    case side when 'buy' then filled_qty else -filled_qty end
    * trading.split_ratio(symbol, submitted_session, 'infinity') as latest_qty,
    case side when 'buy' then -1 else 1 end
    * round(filled_qty * filled_avg_price, 2) - commission as cash
from trading.sim_orders
where status = 'filled';
comment on view trading.sim_fills is
'One row per fill: shares gained (in terms after every known split) and cash '
'gained, US dollars.';

create view trading.sim_holdings as
select
    account_id,
    symbol,
    session_date as from_session,
    lead(session_date, 1, 'infinity') over in_time as until_session,
    round(sum(sum(latest_qty)) over in_time, 9) as latest_qty
from trading.sim_fills
group by account_id, symbol, session_date
window in_time as (partition by account_id, symbol order by session_date);
comment on view trading.sim_holdings is
'One row per account, symbol and session that changed the shares held: held '
'from its close until before until_session''s, in terms after every split.';

create view trading.sim_dividends as
select
    holdings.account_id,
    holdings.symbol,
    actions.ex_date,
    round(
        holdings.latest_qty
        / trading.split_ratio(holdings.symbol, actions.ex_date, 'infinity')
        * actions.value::numeric,
        2
    ) as cash
from trading.sim_holdings as holdings
inner join raw.corporate_actions as actions
    on
        holdings.symbol = actions.symbol
        and actions.kind = 'dividend'
        and holdings.from_session < actions.ex_date
        and holdings.until_session >= actions.ex_date
where holdings.latest_qty > 0;
comment on view trading.sim_dividends is
'One row per account and dividend of a symbol held before its ex-date; '
'credited on the ex-date, US dollars.';

create view trading.sim_balances as
with

movements as (

    select
        account_id,
        date '-infinity' as session_date,
        starting_cash as cash
    from trading.sim_accounts

    union all

    select
        account_id,
        session_date,
        cash
    from trading.sim_fills

    union all

    select
        account_id,
        ex_date,
        cash
    from trading.sim_dividends

)

select
    account_id,
    session_date as from_session,
    lead(session_date, 1, 'infinity') over in_time as until_session,
    sum(sum(cash)) over in_time as cash
from movements
group by account_id, session_date
window in_time as (partition by account_id order by session_date);
comment on view trading.sim_balances is
'One row per account and session that moved its cash: the balance from then '
'until before until_session, US dollars.';

create function trading.sim_cash(of_account text, at_session date)
returns numeric
language sql stable as $$
    select cash
    from trading.sim_balances
    where
        account_id = of_account
        and from_session <= at_session
        and until_session > at_session
$$;
comment on function trading.sim_cash is
'Cash of an account after a session, US dollars.';

create function trading.sim_positions(of_account text, at_session date)
returns table (
    symbol text, qty numeric, close numeric, market_value numeric
)
language sql stable as $$
    select
        holdings.symbol,
        trim_scale(round(
            holdings.latest_qty
            / trading.split_ratio(holdings.symbol, at_session, 'infinity'), 9
        )),
        last_bar.close::numeric,
        round(
            holdings.latest_qty
            / trading.split_ratio(holdings.symbol, last_bar.bar_date, 'infinity')
            * last_bar.close::numeric, 2
        )
    from trading.sim_holdings as holdings
    cross join lateral (
        select
            prices.bar_date,
            prices.close
        from raw.raw_prices as prices
        where
            prices.symbol = holdings.symbol
            and prices.bar_date <= at_session
        order by prices.bar_date desc
        limit 1
    ) as last_bar
    where
        holdings.account_id = of_account
        and holdings.from_session <= at_session
        and holdings.until_session > at_session
        and holdings.latest_qty <> 0
$$;
comment on function trading.sim_positions is
'Shares held after a session, at each symbol''s last close by then.';

create view trading.positions as
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
) as positions;
comment on view trading.positions is
'One row per account, published session and symbol held after it: shares, '
'close as traded and market value, US dollars.';

create view trading.account_equity as
with

valued as (

    select
        account_id,
        session_date,
        sum(market_value) as position_value
    from trading.positions
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
        and sessions.session_date = valued.session_date;
comment on view trading.account_equity is
'One row per account and published session: cash, value of positions at the '
'close, and their sum, US dollars.';

grant insert, update on
trading.sim_accounts, trading.sim_orders to desk_executor;
