-- Whether a strategy has published a signal.

select exists (
    select from trading.signals where strategy = %(strategy)s
)
