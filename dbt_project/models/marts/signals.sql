with

unioned as (

    {% for strategy_name in strategy_names() %}
        select
            signal_key,
            strategy,
            symbol,
            bar_date,
            side,
            close,
            details

        from {{ ref(strategy_name) }}
        where side in ('buy', 'sell')
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from unioned
