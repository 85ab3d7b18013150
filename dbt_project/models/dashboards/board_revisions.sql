with

revisions as (

    select * from {{ source('raw', 'raw_price_revisions') }}

),

prices as (

    select * from {{ source('raw', 'raw_prices') }}

),

compared as (

    select
        revisions.superseded_at,
        revisions.symbol,
        revisions.bar_date as session_date,
        revisions.close as close_before,
        prices.close as close_now,
        prices.close / revisions.close - 1 as change,
        revisions.volume as volume_before,
        prices.volume as volume_now,
        'corrected by ' || prices.source as note

    from revisions
    left join prices
        on
            revisions.symbol = prices.symbol
            and revisions.bar_date = prices.bar_date
    union all
    select
        null as superseded_at,
        '–' as symbol,
        null as session_date,
        null as close_before,
        null as close_now,
        null as change,
        null as volume_before,
        null as volume_now,
        'No bar has been corrected' as note

    where not exists (select from revisions)

)

select * from compared
