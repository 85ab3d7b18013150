-- What readers of the published signals need: an order of publication to go on
-- from, and what became of each.

-- Sequences are given out before the commit. Publishers take turns, so that
-- signals become visible in the order of their sequence, and who goes on after
-- the last one seen misses none.
create function trading.take_turn() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('trading.signals', 0));
    return null;
end
$$;

create trigger publishers_take_turns
before insert on trading.signals
for each statement execute function trading.take_turn();

create index on trading.orders (signal_key);

create view trading.signal_states as
select
    signals.*,
    newest_order.state as executed,
    newest_order.reason as executed_reason
from trading.signals
left join lateral (
    select
        orders.state,
        orders.reason
    from trading.orders
    where orders.signal_key = signals.signal_key
    order by orders.id desc
    limit 1
) as newest_order on true;
comment on view trading.signal_states is
'One row per published signal, with the state of its newest order and the '
'reason of a blocked or rejected one; null when nothing is decided yet.';
