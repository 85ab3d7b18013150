with

last_bars as (

    {% for strategy_name in strategy_names() %}
        select
            strategy,
            symbol,
            bar_date,
            details

        from {{ ref(strategy_name) }}
        where side = 'none'
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

by_side as (

    select
        last_bars.strategy,
        last_bars.symbol,
        last_bars.bar_date,
        sides.side,
        coalesce(
            last_bars.details -> sides.side ->> 'missing',
            'nothing; it has held since an earlier bar'
        ) as missing,
        last_bars.details -> sides.side -> 'predicates' as predicates

    from last_bars
    cross join (values ('buy'), ('sell')) as sides (side)

),

counted as (

    select
        strategy,
        symbol,
        bar_date,
        side,
        missing,
        cast(jsonb_array_length(
            jsonb_path_query_array(predicates, '$[*] ? (@.outcome == false)')
        ) as bigint) as unmet,
        predicates

    from by_side

)

select * from counted
