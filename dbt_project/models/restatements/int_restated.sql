-- For each session ever published: what was said against what would be said now.
with

published_sessions as (

    select * from {{ source('trading', 'published_sessions') }}

),

published as (

    select * from {{ source('trading', 'signals') }}

),

signals as (

    select
        signals.*,
        published_sessions.published_at

    from {{ ref('signals') }} as signals
    inner join published_sessions
        on signals.bar_date = published_sessions.session_date

),

compared as (

    select
        signal_key,
        coalesce(published.strategy, signals.strategy) as strategy,
        coalesce(published.symbol, signals.symbol) as symbol,
        coalesce(published.bar_date, signals.bar_date) as bar_date,
        case
            when signals.side is null then 'withdrawn'
            when published.side is null then 'missed'
            else 'turned'
        end as kind,
        published.side as published_side,
        signals.side,
        coalesce(published.published_at, signals.published_at) as published_at,
        published.details ->> 'sentence' as published_sentence,
        signals.details ->> 'sentence' as sentence,
        coalesce(
            (published.details -> 'version', published.details -> 'parameters')
            <> (signals.details -> 'version', signals.details -> 'parameters'),
            false
        ) as has_other_code

    from published
    full join signals using (signal_key)
    where published.side is distinct from signals.side

)

select * from compared
