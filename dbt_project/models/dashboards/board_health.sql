with

newest as (

    select max(last_bar_date) as last_session
    from {{ ref('int_symbols') }}

),

symbols as (

    select
        newest.last_session,
        count(behind.symbol) as behind

    from newest
    left join {{ ref('int_symbols') }} as behind
        on newest.last_session > behind.last_bar_date
    group by newest.last_session

),

last_load as (

    select *
    from {{ source('raw', 'ingest_runs') }}
    order by started_at desc
    limit 1

),

findings as (

    select count(distinct symbol) as symbols
    from {{ source('raw', 'symbol_marks') }}
    where cleared_at is null

),

published as (

    select max(session_date) as last_session
    from {{ source('trading', 'published_sessions') }}

),

control as (

    select
        kill,
        case kill
            when 'off' then 'on'
            when 'entries' then 'entries halted'
            else 'halted'
        end || coalesce(': ' || replace(reason, '_', ' '), '') as said

    from {{ source('trading', 'control') }}

),

answers as (

    {% set day = "'Dy YYYY-MM-DD'" %}
    select answers.*
    from symbols
    cross join findings
    cross join published
    cross join control
    left join last_load on true
    cross join lateral (
        values
        (1, 'Last session with prices', to_char(symbols.last_session, {{ day }}), true),
        (2, 'Symbols without it', cast(symbols.behind as text), symbols.behind = 0),
        (
            3, 'Signals published up to', to_char(published.last_session, {{ day }}),
            published.last_session >= symbols.last_session
        ),
        (
            4, 'Last load', last_load.outcome || ' on '
            || to_char(last_load.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
            last_load.outcome = 'succeeded'
        ),
        (5, 'Quality gate', last_load.gate_outcome, last_load.gate_outcome = 'passed'),
        (
            6, 'Rows it rejected', cast(last_load.rows_rejected as text),
            last_load.rows_rejected = 0
        ),
        (
            7, 'Symbols with open findings', cast(findings.symbols as text),
            findings.symbols = 0
        ),
        (8, 'Trading', control.said, control.kill = 'off')
    ) as answers (position, question, answer, is_fine)

),

judged as (

    select
        cast(position as bigint) as position,
        question,
        coalesce(answer, 'none yet') as answer,
        case when is_fine then 'OK' else 'Look' end as verdict

    from answers

)

select * from judged
