-- Where an order or a signal came from; read with the reader's rights.

-- name: trace(wanted)
-- The lineage of a signal, or of an order by its id or client or broker order id.
select lineage.*
from marts.lineage
where
    lineage.signal_key in (
        select signal_key
        from trading.signals
        where signal_key = :wanted
        union all
        select signal_key
        from trading.orders
        where :wanted in (id::text, client_order_id, broker_order_id)
    )
    and :wanted in (
        lineage.signal_key,
        lineage.order_id::text,
        lineage.client_order_id,
        lineage.broker_order_id
    )
order by lineage.order_id;
