-- Received bars into raw.raw_prices, by way of three temporary tables:
-- `received_texts` has fields as the vendor gave them and `received_bars` typed
-- ones; bars that come typed go there at once. `judged_bars` has the fate of
-- each received bar that is not simply new: rejected, same or changed. So what
-- is new, most of a first load, is written once and not copied around.

-- name: create_bar_tables#
create temporary table received_texts (
    symbol text,
    bar_date text,
    open text,
    high text,
    low text,
    close text,
    volume text,
    line bigint generated always as identity
);
create temporary table received_bars (
    symbol text,
    bar_date date,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision,
    line bigint
);
create temporary table judged_bars (
    received_row tid not null,
    fate text not null,
    reasons text[]
);

-- name: empty_bar_tables#
truncate received_texts, received_bars, judged_bars;

-- name: has_bars(symbols)$
select exists (
    select
    from unnest(:symbols::text[]) as asked (symbol)
    cross join lateral (
        select
        from raw.raw_prices
        where raw_prices.symbol = asked.symbol
        limit 1
    ) as stored
);

-- name: session_bits(first_date, session)$
-- One bit per day, for raw.is_session.
select string_agg(
    case when exchange_sessions.session_date is null then '0' else '1' end,
    '' order by days.day
)
from generate_series(:first_date::date, :session::date, '1 day') as days (day)
left join raw.exchange_sessions on days.day = exchange_sessions.session_date;

-- name: copy_sound_bars(first_date, bits)!
-- Typed lines straight into an empty place: the rules of judge_bars, but for the
-- symbol, which stored_bars tells afterwards. What is left out comes again to
-- received_bars.
copy raw.raw_prices from stdin (format csv)
where
    symbol <> ''
    and raw.is_sound_bar(open, high, low, close, volume)
    and raw.is_session(bar_date, :first_date::date, :bits::varbit);

-- name: copy_unsound_bars(first_date, bits)!
copy received_bars (symbol, bar_date, open, high, low, close, volume)
from stdin (format csv)
where (
    symbol <> ''
    and raw.is_sound_bar(open, high, low, close, volume)
    and raw.is_session(bar_date, :first_date::date, :bits::varbit)
) is not true;

-- name: begin_first_load()$
select raw.begin_first_load();

-- name: end_first_load(symbols)$
select raw.end_first_load(:symbols::text[]);

-- name: stored_bars(symbols)^
select
    count(*) as bars,
    min(raw_prices.bar_date) as first_date
from raw.raw_prices
inner join unnest(:symbols::text[]) as asked (symbol)
    on raw_prices.symbol = asked.symbol;

-- name: parse_bars()!
-- What can't be read as its type becomes null; `line` leads to the text.
insert into received_bars
select
    symbol,
    case
        when bar_date like '____-__-__' and pg_input_is_valid(bar_date, 'date')
            then bar_date::date
    end as bar_date,
    case
        when pg_input_is_valid(open, 'double precision')
            then open::double precision
    end as open,
    case
        when pg_input_is_valid(high, 'double precision')
            then high::double precision
    end as high,
    case
        when pg_input_is_valid(low, 'double precision')
            then low::double precision
    end as low,
    case
        when pg_input_is_valid(close, 'double precision')
            then close::double precision
    end as close,
    case
        when pg_input_is_valid(volume, 'double precision')
            then volume::double precision
    end as volume,
    line
from received_texts;

-- name: judge_bars(symbols, session)!
-- Every rule a bar must meet; one that breaks some keeps all the reasons:
-- raw.is_sound_bar, to find the few that break any, and then one by one. The table
-- of rejections wants at least one reason.
with

asked as (

    select unnest(:symbols::text[]) as symbol

),

unsound as (

    select
        received_bars.ctid as received_row,
        received_bars.*,
        asked.symbol is not null as is_asked_for,
        exchange_sessions.session_date is not null as is_session
    from received_bars
    left join asked on received_bars.symbol = asked.symbol
    left join raw.exchange_sessions
        on received_bars.bar_date = exchange_sessions.session_date
    where
        (
            asked.symbol is not null
            and received_bars.symbol <> ''
            and exchange_sessions.session_date <= :session
            and raw.is_sound_bar(
                received_bars.open,
                received_bars.high,
                received_bars.low,
                received_bars.close,
                received_bars.volume
            )
        ) is not true

),

-- Whether a field was there, though it could not be read.
joined_to_texts as (

    select
        unsound.*,
        received_texts.bar_date <> '' as has_date,
        received_texts.open <> '' as has_open,
        received_texts.high <> '' as has_high,
        received_texts.low <> '' as has_low,
        received_texts.close <> '' as has_close,
        received_texts.volume <> '' as has_volume
    from unsound
    left join received_texts on unsound.line = received_texts.line

)

insert into judged_bars
select
    received_row,
    'rejected' as fate,
    array_remove(array[
        case
            when coalesce(symbol, '') = '' then 'symbol is missing'
            when not is_asked_for then 'symbol was not asked for'
        end,
        case
            when bar_date is null and has_date then 'date is not YYYY-MM-DD'
            when bar_date is null then 'date is missing'
            when bar_date > :session then 'date is after the last session'
            when not is_session then 'date is not an exchange session'
        end,
        case
            when open is null and has_open then 'open is not a number'
            when open is null then 'open is missing'
            when open in ('NaN', 'Infinity', '-Infinity') then 'open is not finite'
            when open <= 0 then 'open is not positive'
            when open < '1e-9' then 'open is below 1e-9'
            when open >= '1e9' then 'open is not below 1e9'
        end,
        case
            when high is null and has_high then 'high is not a number'
            when high is null then 'high is missing'
            when high in ('NaN', 'Infinity', '-Infinity') then 'high is not finite'
            when high <= 0 then 'high is not positive'
            when high < '1e-9' then 'high is below 1e-9'
            when high >= '1e9' then 'high is not below 1e9'
        end,
        case
            when low is null and has_low then 'low is not a number'
            when low is null then 'low is missing'
            when low in ('NaN', 'Infinity', '-Infinity') then 'low is not finite'
            when low <= 0 then 'low is not positive'
            when low < '1e-9' then 'low is below 1e-9'
            when low >= '1e9' then 'low is not below 1e9'
        end,
        case
            when close is null and has_close then 'close is not a number'
            when close is null then 'close is missing'
            when close in ('NaN', 'Infinity', '-Infinity')
                then 'close is not finite'
            when close <= 0 then 'close is not positive'
            when close < '1e-9' then 'close is below 1e-9'
            when close >= '1e9' then 'close is not below 1e9'
        end,
        case when high < low then 'high is below low' end,
        case
            when open not between low and high then 'open is outside low to high'
        end,
        case
            when close not between low and high
                then 'close is outside low to high'
        end,
        case
            when volume is null and has_volume then 'volume is not a number'
            when volume is null then 'volume is missing'
            when volume in ('NaN', 'Infinity', '-Infinity')
                then 'volume is not finite'
            when volume < 0 then 'volume is negative'
            when volume >= '1e15' then 'volume is not below 1e15'
            when volume <> trunc(volume) then 'volume is not a whole number'
        end
    ], null) as reasons
from joined_to_texts;

-- name: received_order()^
-- Whether each row's key is above the one before, for then none is there twice;
-- and the span of sessions, so that only these are looked up.
select
    bool_and(
        previous_symbol is null
        or (symbol, bar_date) > (previous_symbol, previous_date) is true
    ) is not false as is_ascending,
    min(bar_date) as first_date,
    max(bar_date) as last_date
from (
    select
        symbol,
        bar_date,
        lag(symbol) over () as previous_symbol,
        lag(bar_date) over () as previous_date
    from received_bars
) as followed;

-- name: judge_repeated_bars()!
-- Sound rows for the same bar: exact repeats leave one; when they differ, none,
-- for the order they came in must not decide.
with

sound as (

    select
        received_bars.ctid as received_row,
        received_bars.*
    from received_bars
    left join judged_bars on received_bars.ctid = judged_bars.received_row
    where judged_bars.received_row is null

),

repeated as (

    select
        symbol,
        bar_date
    from sound
    group by symbol, bar_date
    having count(*) > 1

),

counted as (

    select
        sound.received_row,
        count(*) over same_bar as versions,
        count(*) over same_row as copies,
        row_number() over same_row as copy_number
    from sound
    inner join repeated
        on sound.symbol = repeated.symbol and sound.bar_date = repeated.bar_date
    window
        same_bar as (partition by sound.symbol, sound.bar_date),
        same_row as (
            partition by
                sound.symbol, sound.bar_date,
                sound.open, sound.high, sound.low, sound.close, sound.volume
        )

)

insert into judged_bars
select
    received_row,
    'rejected' as fate,
    case
        when versions > copies
            then array['another row of this load differs for the same bar']
        else array['repeats another row of this load']
    end as reasons
from counted
where versions > copies or copy_number > 1;

-- name: meet_bars(first_date, last_date)!
-- Sound rows whose bar is stored already.
insert into judged_bars
select
    received_bars.ctid as received_row,
    case
        when
            received_bars.open = raw_prices.open
            and received_bars.high = raw_prices.high
            and received_bars.low = raw_prices.low
            and received_bars.close = raw_prices.close
            and received_bars.volume = raw_prices.volume then 'same'
        else 'changed'
    end as fate
from received_bars
inner join raw.raw_prices
    on
        received_bars.symbol = raw_prices.symbol
        and received_bars.bar_date = raw_prices.bar_date
left join judged_bars on received_bars.ctid = judged_bars.received_row
where
    judged_bars.received_row is null
    and raw_prices.bar_date between :first_date and :last_date;

-- name: reject_bars(run_id, now)!
-- As received: the vendor's text, or typed values as text.
insert into raw.rejected_prices (
    run_id, symbol, bar_date, received, reasons, rejected_at
)
select
    :run_id,
    received ->> 'symbol',
    received ->> 'bar_date',
    received,
    reasons,
    :now
from (
    select
        judged_bars.reasons,
        case
            when received_bars.line is not null
                then to_jsonb(received_texts) - 'line'
            else jsonb_build_object(
                'symbol', received_bars.symbol,
                'bar_date', received_bars.bar_date::text,
                'open', received_bars.open::text,
                'high', received_bars.high::text,
                'low', received_bars.low::text,
                'close', received_bars.close::text,
                'volume', received_bars.volume::text
            )
        end as received
    from judged_bars
    inner join received_bars on judged_bars.received_row = received_bars.ctid
    left join received_texts on received_bars.line = received_texts.line
    where judged_bars.fate = 'rejected'
) as refused;

-- name: revise_bars(first_date, last_date, now)!
-- The superseded version, until when it was the current one.
insert into raw.raw_price_revisions (
    symbol, bar_date, open, high, low, close, volume,
    source, known_at, superseded_at
)
select
    raw_prices.symbol,
    raw_prices.bar_date,
    raw_prices.open,
    raw_prices.high,
    raw_prices.low,
    raw_prices.close,
    raw_prices.volume,
    raw_prices.source,
    raw_prices.known_at,
    greatest(:now, raw_prices.known_at)
from judged_bars
inner join received_bars on judged_bars.received_row = received_bars.ctid
inner join raw.raw_prices
    on
        received_bars.symbol = raw_prices.symbol
        and received_bars.bar_date = raw_prices.bar_date
where
    judged_bars.fate = 'changed'
    and raw_prices.bar_date between :first_date and :last_date;

-- name: update_bars(source, first_date, last_date, now)!
update raw.raw_prices
set
    open = received_bars.open,
    high = received_bars.high,
    low = received_bars.low,
    close = received_bars.close,
    volume = received_bars.volume,
    source = :source,
    known_at = greatest(:now, raw_prices.known_at)
from judged_bars
inner join received_bars on judged_bars.received_row = received_bars.ctid
where
    raw_prices.symbol = received_bars.symbol
    and raw_prices.bar_date = received_bars.bar_date
    and raw_prices.bar_date between :first_date and :last_date
    and judged_bars.fate = 'changed';

-- name: insert_bars(source, now)!
insert into raw.raw_prices (
    symbol, bar_date, open, high, low, close, volume, source, known_at
)
select
    received_bars.symbol,
    received_bars.bar_date,
    received_bars.open,
    received_bars.high,
    received_bars.low,
    received_bars.close,
    received_bars.volume,
    :source,
    :now
from received_bars
left join judged_bars on received_bars.ctid = judged_bars.received_row
where judged_bars.received_row is null;
