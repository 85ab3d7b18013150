-- One row per indicator, in the mart's order.

select attname::text
from pg_attribute
where
    attrelid = 'marts.indicators'::regclass
    and attnum > 0
    and attname not in ('symbol', 'bar_date')
order by attnum
