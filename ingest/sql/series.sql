-- What bars look like beside their neighbours, the calendar, corporate actions
-- and other sources: the rows that Great Expectations judges series by.

-- name: bars_that_stand_out(check_id)
-- One row per judged bar that moved by a third, follows missing sessions, takes
-- an action or replaced another source's; no rule can fail on the others.
with

checks as (

    select
        symbol_checks.symbol,
        symbol_checks.window_start,
        symbol_checks.window_end,
        previous.bar_date as previous_date
    from raw.symbol_checks
    left join lateral (
        select raw_prices.bar_date
        from raw.raw_prices
        where
            raw_prices.symbol = symbol_checks.symbol
            and raw_prices.bar_date < symbol_checks.window_start
        order by raw_prices.bar_date desc
        limit 1
    ) as previous on true
    where symbol_checks.check_id = :check_id

),

sessions as materialized (

    select
        session_date,
        row_number() over (order by session_date) as session_number
    from raw.exchange_sessions

),

followed as (

    select
        checks.window_start,
        bars.*,
        sessions.session_number,
        lag(bars.bar_date) over by_date as previous_date,
        lag(bars.close) over by_date as previous_close,
        lag(sessions.session_number) over by_date as previous_session_number,
        lead(bars.close) over by_date as next_close
    from checks
    -- "offset 0": symbol by symbol along the key, whatever the planner guesses.
    cross join lateral (
        select raw_prices.*
        from raw.raw_prices
        where
            raw_prices.symbol = checks.symbol
            and raw_prices.bar_date between
            coalesce(checks.previous_date, checks.window_start)
            and checks.window_end
        offset 0
    ) as bars
    left join sessions on bars.bar_date = sessions.session_date
    window by_date as (partition by bars.symbol order by bars.bar_date)

),

-- Actions by the bar they take effect on: the first on or after the ex-date.
actions as materialized (

    select
        corporate_actions.symbol,
        first_bar.bar_date,
        exp(sum(ln(corporate_actions.value)) filter (
            where corporate_actions.kind = 'split'
        )) as split,
        sum(corporate_actions.value) filter (
            where corporate_actions.kind = 'dividend'
        ) as dividends,
        -- Since a dividend of about the same amount.
        min((
            select min(corporate_actions.ex_date - earlier.ex_date)
            from raw.corporate_actions as earlier
            where
                earlier.symbol = corporate_actions.symbol
                and earlier.kind = 'dividend'
                and earlier.ex_date < corporate_actions.ex_date
                and earlier.ex_date >= corporate_actions.ex_date - 5
                and earlier.value between corporate_actions.value * 0.8
                and corporate_actions.value / 0.8
        )) filter (
            where corporate_actions.kind = 'dividend'
        ) as days_since_dividend
    from checks
    inner join raw.corporate_actions
        on
            checks.symbol = corporate_actions.symbol
            and checks.window_end >= corporate_actions.ex_date
            and corporate_actions.ex_date
            > coalesce(checks.previous_date, '-infinity')
    cross join lateral (
        select raw_prices.bar_date
        from raw.raw_prices
        where
            raw_prices.symbol = corporate_actions.symbol
            and raw_prices.bar_date >= corporate_actions.ex_date
        order by raw_prices.bar_date
        limit 1
    ) as first_bar
    group by corporate_actions.symbol, first_bar.bar_date

),

-- The last other source's word on a bar, where there was one.
replaced as materialized (

    select distinct on (revisions.symbol, revisions.bar_date)
        revisions.symbol,
        revisions.bar_date,
        revisions.close as other_close
    from raw.raw_price_revisions as revisions
    inner join raw.raw_prices
        on
            revisions.symbol = raw_prices.symbol
            and revisions.bar_date = raw_prices.bar_date
    inner join checks
        on
            revisions.symbol = checks.symbol
            and revisions.bar_date >= checks.window_start
    where revisions.source <> raw_prices.source
    order by
        revisions.symbol,
        revisions.bar_date,
        revisions.superseded_at desc,
        revisions.revision_id desc

),

standing_out as (

    select
        followed.*,
        actions.split,
        actions.dividends,
        actions.days_since_dividend,
        replaced.other_close,
        followed.close / nullif(followed.previous_close, 0) as move
    from followed
    left join actions
        on
            followed.symbol = actions.symbol
            and followed.bar_date = actions.bar_date
    left join replaced
        on
            followed.symbol = replaced.symbol
            and followed.bar_date = replaced.bar_date
    where
        followed.bar_date >= followed.window_start
        and (
            followed.close not between followed.previous_close * 0.75
            and followed.previous_close / 0.75
            or followed.session_number > followed.previous_session_number + 1
            or actions.symbol is not null
            or replaced.symbol is not null
        )

)

select
    standing_out.symbol,
    standing_out.bar_date,
    standing_out.session_number - standing_out.previous_session_number - 1
        as sessions_missing,
    -- With the actions since the previous bar undone.
    (standing_out.close + coalesce(standing_out.dividends, 0))
    * coalesce(standing_out.split, 1)
    / nullif(standing_out.previous_close, 0) - 1 as bar_return,
    likely.split as likely_split,
    standing_out.days_since_dividend,
    -- A big action is in the price when the move is nearer to it than to none.
    case
        when
            standing_out.move is null or standing_out.move <= 0
            or abs(ln(promised.move)) < 0.1
            or abs(ln(standing_out.move)) >= abs(ln(standing_out.move / promised.move))
            then null
        else promised.move - 1
    end as move_not_seen,
    -- How far the whole bar lies beyond its neighbours, where those agree.
    case
        when
            standing_out.next_close
            between standing_out.previous_close * 0.9
            and standing_out.previous_close / 0.9
            and coalesce(standing_out.split, 1) = 1
            and standing_out.low > 0
            then
                greatest(
                    standing_out.low
                    / greatest(standing_out.previous_close, standing_out.next_close),
                    least(standing_out.previous_close, standing_out.next_close)
                    / standing_out.high
                )
    end as times_beyond_neighbours,
    standing_out.close / nullif(standing_out.other_close, 0) - 1
        as other_source_difference
from standing_out
cross join lateral (
    select
        case
            when
                standing_out.dividends >= standing_out.previous_close
                then 0.01
            else
                (1 - coalesce(standing_out.dividends, 0)
                / nullif(standing_out.previous_close, 0))
                / coalesce(standing_out.split, 1)
        end as move
) as promised
-- The split that would explain a calm bar far from the one before: on real
-- news a stock does not stop at a round ratio, and trades many times as much.
-- Larger ratios are jumps anyway.
left join lateral (
    select ratios.split
    from unnest(array[
        2, 3, 4, 1 / 2.0, 1 / 3.0, 1 / 4.0
    ]::double precision []) as ratios (split)
    cross join lateral (
        select avg(before.volume) as volume
        from (
            select raw_prices.volume
            from raw.raw_prices
            where
                raw_prices.symbol = standing_out.symbol
                and raw_prices.bar_date < standing_out.bar_date
            order by raw_prices.bar_date desc
            limit 10
        ) as before
    ) as usual
    where
        standing_out.split is null
        and least(standing_out.close, standing_out.previous_close) >= 1
        and standing_out.close * ratios.split
        between standing_out.previous_close * 0.92
        and standing_out.previous_close / 0.92
        and standing_out.open * ratios.split
        between standing_out.previous_close * 0.95
        and standing_out.previous_close / 0.95
        and standing_out.high < standing_out.low * 1.1
        and usual.volume * ratios.split > 1000
        and standing_out.volume < usual.volume * ratios.split * 4
    order by
        abs(ln(standing_out.open * ratios.split / standing_out.previous_close))
    limit 1
) as likely on true;

-- name: ends_of_series(check_id)
-- One row per judged symbol: its last bar and how the series ends.
with

ends as (

    select
        last_bar.*,
        symbol_checks.window_end
    from raw.symbol_checks
    cross join lateral (
        select raw_prices.*
        from raw.raw_prices
        where
            raw_prices.symbol = symbol_checks.symbol
            and raw_prices.bar_date <= symbol_checks.window_end
        order by raw_prices.bar_date desc
        limit 1
    ) as last_bar
    where symbol_checks.check_id = :check_id

),

signed as (

    select
        ends.*,
        (
            select string_agg(recent::text, ';' order by recent.bar_date)
            from (
                select
                    raw_prices.bar_date,
                    raw_prices.open,
                    raw_prices.high,
                    raw_prices.low,
                    raw_prices.close,
                    raw_prices.volume
                from raw.raw_prices
                where
                    raw_prices.symbol = ends.symbol
                    and raw_prices.bar_date <= ends.bar_date
                order by raw_prices.bar_date desc
                limit 5
            ) as recent
            having count(*) = 5 and count(distinct recent.close) > 1
        ) as last_bars
    from ends

)

select
    signed.symbol,
    signed.bar_date,
    (
        select count(*)
        from raw.exchange_sessions
        where
            exchange_sessions.session_date > signed.bar_date
            and exchange_sessions.session_date <= signed.window_end
    ) as sessions_old,
    -- Bars up to the last that repeat one price without a single share traded.
    (
        select count(*)
        from raw.raw_prices
        where
            raw_prices.symbol = signed.symbol
            and raw_prices.bar_date <= signed.bar_date
            and raw_prices.bar_date > coalesce(last_trade.bar_date, '-infinity')
    ) as flat_bars,
    case
        when signed.last_bars is null then 0
        else count(*) over (partition by signed.last_bars) - 1
    end as twins,
    (
        select count(*)
        from raw.loaded_symbols
        where
            loaded_symbols.symbol = signed.symbol
            and loaded_symbols.currency <> 'USD'
    ) as foreign_sources
from signed
left join lateral (
    select raw_prices.bar_date
    from raw.raw_prices
    where
        raw_prices.symbol = signed.symbol
        and raw_prices.bar_date <= signed.bar_date
        and (
            raw_prices.volume > 0
            or raw_prices.low < raw_prices.high
            or raw_prices.close <> signed.close
        )
    order by raw_prices.bar_date desc
    limit 1
) as last_trade on true;
