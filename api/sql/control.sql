-- The kill switch.

select
    kill,
    reason
from trading.control
