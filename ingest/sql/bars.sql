-- Received bars into raw.raw_prices. Two temporary tables: `received_bars`, text
-- as the vendor gave it, and `judged_bars`, one row per received row with its
-- fate: new, changed, same or rejected.

-- name: create_bar_tables#
create temporary table received_bars (
    symbol text,
    bar_date text,
    open text,
    high text,
    low text,
    close text,
    volume text
);
create temporary table judged_bars (
    symbol text,
    bar_date date,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision,
    received jsonb,
    reasons text[],
    fate text not null
);

-- name: judge_bars(symbols, session)!
-- Every rule a bar must meet; a row that breaks some keeps all the reasons.
with

-- Materialized, so that each text is parsed once and not in every rule.
parsed as materialized (

    select
        received_bars as received,
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
        end as volume
    from received_bars

),

checked as (

    select
        parsed.*,
        array_remove(array[
            case
                when coalesce(parsed.symbol, '') = '' then 'symbol is missing'
                when parsed.symbol <> all(:symbols::text[])
                    then 'symbol was not asked for'
            end,
            case
                when coalesce((parsed.received).bar_date, '') = ''
                    then 'date is missing'
                when parsed.bar_date is null then 'date is not YYYY-MM-DD'
                when parsed.bar_date > :session then 'date is after the last session'
                when exchange_sessions.session_date is null
                    then 'date is not an exchange session'
            end,
            case
                when coalesce((parsed.received).open, '') = '' then 'open is missing'
                when parsed.open is null then 'open is not a number'
                when parsed.open in ('NaN', 'Infinity', '-Infinity')
                    then 'open is not finite'
                when parsed.open <= 0 then 'open is not positive'
            end,
            case
                when coalesce((parsed.received).high, '') = '' then 'high is missing'
                when parsed.high is null then 'high is not a number'
                when parsed.high in ('NaN', 'Infinity', '-Infinity')
                    then 'high is not finite'
                when parsed.high <= 0 then 'high is not positive'
            end,
            case
                when coalesce((parsed.received).low, '') = '' then 'low is missing'
                when parsed.low is null then 'low is not a number'
                when parsed.low in ('NaN', 'Infinity', '-Infinity')
                    then 'low is not finite'
                when parsed.low <= 0 then 'low is not positive'
            end,
            case
                when coalesce((parsed.received).close, '') = '' then 'close is missing'
                when parsed.close is null then 'close is not a number'
                when parsed.close in ('NaN', 'Infinity', '-Infinity')
                    then 'close is not finite'
                when parsed.close <= 0 then 'close is not positive'
            end,
            case when parsed.high < parsed.low then 'high is below low' end,
            case
                when parsed.open not between parsed.low and parsed.high
                    then 'open is outside low to high'
            end,
            case
                when parsed.close not between parsed.low and parsed.high
                    then 'close is outside low to high'
            end,
            case
                when coalesce((parsed.received).volume, '') = ''
                    then 'volume is missing'
                when parsed.volume is null then 'volume is not a number'
                when parsed.volume in ('NaN', 'Infinity', '-Infinity')
                    then 'volume is not finite'
                when parsed.volume < 0 then 'volume is negative'
                when parsed.volume <> trunc(parsed.volume)
                    then 'volume is not a whole number'
            end
        ], null) as reasons
    from parsed
    left join raw.exchange_sessions
        on parsed.bar_date = exchange_sessions.session_date

),

counted as (

    select
        checked.*,
        count(*) over same_bar as versions,
        count(*) over same_row as copies,
        row_number() over same_row as copy_number
    from checked
    window
        same_bar as (partition by reasons = '{}', symbol, bar_date),
        same_row as (
            partition by
                reasons = '{}', symbol, bar_date, open, high, low, close, volume
        )

),

judged as (

    select
        counted.*,
        case
            when counted.reasons <> '{}' then counted.reasons
            when counted.versions > counted.copies
                then array['another row of this load differs for the same bar']
            when counted.copy_number > 1
                then array['repeats another row of this load']
        end as refusal
    from counted

)

insert into judged_bars
select
    judged.symbol,
    judged.bar_date,
    judged.open,
    judged.high,
    judged.low,
    judged.close,
    judged.volume,
    case when judged.refusal is not null then to_jsonb(judged.received) end,
    judged.refusal,
    case
        when judged.refusal is not null then 'rejected'
        when raw_prices.symbol is null then 'new'
        when
            (judged.open, judged.high, judged.low, judged.close, judged.volume)
            = (
                raw_prices.open, raw_prices.high, raw_prices.low,
                raw_prices.close, raw_prices.volume
            ) then 'same'
        else 'changed'
    end
from judged
left join raw.raw_prices
    on
        judged.symbol = raw_prices.symbol
        and judged.bar_date = raw_prices.bar_date;

-- name: reject_bars(run_id, now)!
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
from judged_bars
where fate = 'rejected';

-- name: revise_bars(now)!
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
from raw.raw_prices
inner join judged_bars
    on
        raw_prices.symbol = judged_bars.symbol
        and raw_prices.bar_date = judged_bars.bar_date
where judged_bars.fate = 'changed';

-- name: update_bars(source, now)!
update raw.raw_prices
set
    open = judged_bars.open,
    high = judged_bars.high,
    low = judged_bars.low,
    close = judged_bars.close,
    volume = judged_bars.volume,
    source = :source,
    known_at = greatest(:now, raw_prices.known_at)
from judged_bars
where
    raw_prices.symbol = judged_bars.symbol
    and raw_prices.bar_date = judged_bars.bar_date
    and judged_bars.fate = 'changed';

-- name: insert_bars(source, now)!
insert into raw.raw_prices (
    symbol, bar_date, open, high, low, close, volume, source, known_at
)
select
    symbol,
    bar_date,
    open,
    high,
    low,
    close,
    volume,
    :source,
    :now
from judged_bars
where fate = 'new';
