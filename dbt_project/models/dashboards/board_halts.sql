with

control as (

    select * from {{ source('trading', 'control') }}

),

latest as (

    select session_date
    from {{ source('trading', 'published_sessions') }}
    order by session_date desc
    limit 20

),

blocked as (

    select
        -- "already holds 13 GOOG" is one reason, whatever the number and symbol.
        case
            when orders.reason like 'already %' then 'Position or order already there'
            when orders.reason like 'nothing to sell%' then 'Nothing to sell'
            else
                upper(left(orders.reason, 1))
                || replace(substr(split_part(orders.reason, ':', 1), 2), '_', ' ')
        end as hold,
        orders.reason

    from {{ source('trading', 'orders') }} as orders
    inner join latest
        on latest.session_date = cast(orders.signal ->> 'bar_date' as date)
    where orders.state = 'blocked'

),

unioned as (

    select
        'Halt switch' as hold,
        kill <> 'off' as is_on,
        case kill
            when 'off' then 'Trading is on'
            when 'entries' then 'Entries are halted'
            else 'All orders are halted'
        end || coalesce(': ' || replace(reason, '_', ' '), '') as finding,
        null as signals

    from control
    union all
    select
        hold,
        false as is_on,
        'e.g. ' || replace(min(reason), '_', ' ') as finding,
        count(*) as signals

    from blocked
    group by hold

)

select * from unioned
