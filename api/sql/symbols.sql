-- One row per symbol that was built: how far its bars reach, and what the
-- quality gate holds against it.

select
    int_symbols.symbol,
    int_symbols.bars,
    first_bar.bar_date as first_bar_date,
    int_symbols.last_bar_date,
    (
        select count(*)
        from raw.exchange_sessions
        where
            session_date > int_symbols.last_bar_date
            and closes_at <= %(now)s
    ) as sessions_behind,
    open_marks.marks is null as is_tradable,
    symbol_checks.checked_at,
    coalesce(open_marks.marks, '[]') as marks
from intermediate.int_symbols
cross join lateral (
    select bar_date
    from raw.raw_prices
    where raw_prices.symbol = int_symbols.symbol
    order by bar_date
    limit 1
) as first_bar
left join raw.symbol_checks
    on int_symbols.symbol = symbol_checks.symbol
left join lateral (
    select jsonb_agg(
        jsonb_build_object(
            'rule', rule,
            'bar_date', bar_date,
            'detail', detail,
            'marked_at', marked_at
        )
        order by bar_date, rule
    ) as marks
    from raw.symbol_marks
    where
        symbol_marks.symbol = int_symbols.symbol
        and cleared_at is null
) as open_marks on true
order by int_symbols.symbol
