with

near_misses as (

    select * from {{ ref('near_misses') }}

),

failed as (

    select
        near_misses.*,
        cast(predicate ->> 'left_value' as double precision) as left_value,
        cast(predicate ->> 'right_value' as double precision) as right_value

    from near_misses
    cross join
        lateral jsonb_path_query_first(
            near_misses.predicates,
            '$[*] ? (@.outcome == false && !(@.left starts with "previous"))'
        ) as predicate
    where near_misses.unmet = 1 and predicate is not null

),

measured as (

    select
        {{ strategy_in_words('strategy') }} as strategy,
        symbol,
        bar_date as session_date,
        initcap(side) as side,
        missing,
        abs(left_value - right_value)
        / nullif(greatest(abs(left_value), abs(right_value)), 0) as distance

    from failed

)

select * from measured
