-- Prices that wander, to the cent, as a snapshot has them: of the symbols from $first
-- on, before $last. As benchmarks/indicators.sql, but with a random number for each.
copy (
    with

    diced as (
        select
            symbols.number,
            sessions.session_date,
            sessions.closes_at,
            random() as luck,
            random() as luck_overnight,
            random() as luck_of_range,
            random() as luck_of_volume
        from range({first}, {last}) as symbols (number)
        cross join sessions
    ),

    walked as (
        select
            *,
            50 * exp(
                sum(0.06 * (luck - 0.5)) over (
                    partition by number
                    order by session_date
                    rows between unbounded preceding and current row
                )
            ) as price
        from diced
    ),

    traded as (
        select
            *,
            greatest(round(price * 100), 2) / 100 as close,
            greatest(round(price * (0.99 + 0.02 * luck_overnight) * 100), 2) / 100
                as open
        from walked
    )

    select
        'S' || lpad(cast(number as text), 5, '0') as symbol,
        session_date as bar_date,
        open,
        round(greatest(open, close) * (1 + 0.02 * luck_of_range) * 100) / 100 as high,
        greatest(
            round(least(open, close) * (1 - 0.02 * luck_of_volume) * 100), 1
        ) / 100 as low,
        close,
        round(1e5 * exp(3 * luck_of_volume)) as volume,
        'made-up' as source,
        closes_at as known_at
    from traded
    order by symbol, bar_date
) to '{file}' (format parquet)
