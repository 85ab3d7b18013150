-- Whether there is anything of a symbol.

select
    exists (
        select from raw.raw_prices where symbol = %(symbol)s
    )
    or exists (
        select from trading.signals where symbol = %(symbol)s
    )
