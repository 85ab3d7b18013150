with

signal_states as (

    select * from {{ source('trading', 'signal_states') }}

),

sessions as (

    select
        session_date,
        row_number() over (order by session_date desc) - 1 as sessions_ago

    from {{ source('trading', 'published_sessions') }}
    order by session_date desc
    limit 20

),

in_words as (

    select
        signal_states.published_at,
        signal_states.bar_date as session_date,
        sessions.sessions_ago,
        {{ strategy_in_words('signal_states.strategy') }} as strategy,
        signal_states.symbol,
        initcap(signal_states.side) as side,
        signal_states.close,
        signal_states.details ->> 'sentence' as why,
        coalesce(replace(signal_states.executed, '_', ' '), 'undecided') as outcome,
        replace(signal_states.executed_reason, '_', ' ') as outcome_reason

    from signal_states
    inner join sessions
        on signal_states.bar_date = sessions.session_date

)

select * from in_words
