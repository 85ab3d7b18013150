-- All indicators of a symbol at a session, as one JSON object.

select values
from marts.indicators_json
where
    symbol = %(symbol)s
    and bar_date = %(bar_date)s
