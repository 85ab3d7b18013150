-- Received corporate actions into raw.corporate_actions, judged row by row:
-- there are few of them.

-- name: create_action_tables#
create temporary table received_actions (
    symbol text,
    ex_date text,
    kind text,
    value text
);
create temporary table judged_actions (
    symbol text,
    ex_date date,
    kind text,
    value double precision,
    received jsonb,
    reasons text[],
    fate text not null
);

-- name: empty_action_tables#
truncate received_actions, judged_actions;

-- name: judge_actions(symbols, session)!
-- Every rule an action must meet; a row that breaks some keeps all the reasons.
with

parsed as (

    select
        received_actions as received,
        symbol,
        kind,
        case
            when ex_date like '____-__-__' and pg_input_is_valid(ex_date, 'date')
                then ex_date::date
        end as ex_date,
        case
            when pg_input_is_valid(value, 'double precision')
                then value::double precision
        end as value
    from received_actions

),

checked as (

    select
        parsed.*,
        array_remove(array[
            case
                when coalesce(symbol, '') = '' then 'symbol is missing'
                when symbol <> all(:symbols::text[]) then 'symbol was not asked for'
            end,
            case
                when coalesce((received).ex_date, '') = '' then 'ex-date is missing'
                when ex_date is null then 'ex-date is not YYYY-MM-DD'
                when ex_date > :session then 'ex-date is after the last session'
            end,
            case
                when coalesce(kind, '') not in ('split', 'dividend')
                    then 'kind is neither split nor dividend'
            end,
            case
                when coalesce((received).value, '') = '' then 'value is missing'
                when value is null then 'value is not a number'
                when value in ('NaN', 'Infinity', '-Infinity')
                    then 'value is not finite'
                when value <= 0 then 'value is not positive'
                when value < '1e-9' then 'value is below 1e-9'
                when value >= '1e9' then 'value is not below 1e9'
            end
        ], null) as reasons
    from parsed

),

counted as (

    select
        checked.*,
        count(*) over same_action as versions,
        count(*) over same_row as copies,
        row_number() over same_row as copy_number
    from checked
    window
        same_action as (partition by reasons = '{}', symbol, ex_date, kind),
        same_row as (partition by reasons = '{}', symbol, ex_date, kind, value)

),

judged as (

    select
        counted.*,
        case
            when counted.reasons <> '{}' then counted.reasons
            when counted.versions > counted.copies
                then array['another row of this load differs for the same action']
            when counted.copy_number > 1
                then array['repeats another row of this load']
        end as refusal
    from counted

)

insert into judged_actions
select
    judged.symbol,
    judged.ex_date,
    judged.kind,
    judged.value,
    case when judged.refusal is not null then to_jsonb(judged.received) end,
    judged.refusal,
    case
        when judged.refusal is not null then 'rejected'
        when corporate_actions.symbol is null then 'new'
        when judged.value = corporate_actions.value then 'same'
        else 'changed'
    end
from judged
left join raw.corporate_actions
    on
        judged.symbol = corporate_actions.symbol
        and judged.ex_date = corporate_actions.ex_date
        and judged.kind = corporate_actions.kind;

-- name: reject_actions(run_id, now)!
insert into raw.rejected_corporate_actions (
    run_id, symbol, ex_date, received, reasons, rejected_at
)
select
    :run_id,
    received ->> 'symbol',
    received ->> 'ex_date',
    received,
    reasons,
    :now
from judged_actions
where fate = 'rejected';

-- name: revise_actions(now)!
-- The superseded version, until when it was the current one.
insert into raw.corporate_action_revisions (
    symbol, ex_date, kind, value, source, known_at, superseded_at
)
select
    corporate_actions.symbol,
    corporate_actions.ex_date,
    corporate_actions.kind,
    corporate_actions.value,
    corporate_actions.source,
    corporate_actions.known_at,
    greatest(:now, corporate_actions.known_at)
from raw.corporate_actions
inner join judged_actions
    on
        corporate_actions.symbol = judged_actions.symbol
        and corporate_actions.ex_date = judged_actions.ex_date
        and corporate_actions.kind = judged_actions.kind
where judged_actions.fate = 'changed';

-- name: update_actions(source, now)!
update raw.corporate_actions
set
    value = judged_actions.value,
    source = :source,
    known_at = greatest(:now, corporate_actions.known_at)
from judged_actions
where
    corporate_actions.symbol = judged_actions.symbol
    and corporate_actions.ex_date = judged_actions.ex_date
    and corporate_actions.kind = judged_actions.kind
    and judged_actions.fate = 'changed';

-- name: insert_actions(source, now)!
insert into raw.corporate_actions (
    symbol, ex_date, kind, value, source, known_at
)
select
    symbol,
    ex_date,
    kind,
    value,
    :source,
    :now
from judged_actions
where fate = 'new';
