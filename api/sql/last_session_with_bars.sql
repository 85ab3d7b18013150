-- The newest bar's date, by one step along the primary key per symbol: a plain
-- max(bar_date) would read every bar.

with recursive

symbols as (

    select min(symbol) as symbol
    from raw.raw_prices

    union all

    select (
        select min(raw_prices.symbol)
        from raw.raw_prices
        where raw_prices.symbol > symbols.symbol
    ) as symbol
    from symbols
    where symbols.symbol is not null

),

latest as (

    select (
        select max(raw_prices.bar_date)
        from raw.raw_prices
        where raw_prices.symbol = symbols.symbol
    ) as bar_date
    from symbols

)

select max(bar_date) from latest
