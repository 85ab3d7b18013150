-- A signal's place in the order of publication.

select sequence
from trading.signals
where signal_key = %(signal_key)s
