with

rejected as (

    select
        rejected_at,
        'Bar' as kind,
        symbol,
        bar_date as day,
        reasons,
        received

    from {{ source('raw', 'rejected_prices') }}
    union all
    select
        rejected_at,
        'Corporate action' as kind,
        symbol,
        ex_date as day,
        reasons,
        received

    from {{ source('raw', 'rejected_corporate_actions') }}

),

or_none as (

    select
        rejected_at,
        kind,
        coalesce(symbol, '?') as symbol,
        day,
        array_to_string(reasons, '; ') as reasons,
        cast(received as text) as received

    from rejected
    union all
    select
        null as rejected_at,
        'None' as kind,
        '–' as symbol,
        null as day,
        'No row has been rejected' as reasons,
        null as received

    where not exists (select from rejected)

)

select * from or_none
