with

changes as (

    select * from {{ ref('int_changes') }}

),

prices as (

    select * from {{ ref('stg_prices') }}

),

earliest as (

    select
        symbol,
        min(first_bar_date) as first_bar_date

    from changes
    group by symbol

),

joined_to_previous_bar as (

    select
        earliest.symbol,
        earliest.first_bar_date,
        coalesce(previous.bar_date, '-infinity') as previous_bar_date

    from earliest
    left join lateral (
        select prices.bar_date

        from prices
        where
            prices.symbol = earliest.symbol
            and prices.bar_date < earliest.first_bar_date
        order by prices.bar_date desc
        limit 1
    ) as previous on true

)

select * from joined_to_previous_bar
