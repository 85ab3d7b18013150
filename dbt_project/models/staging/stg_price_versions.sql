with

current_prices as (

    select
        *,
        cast(null as timestamptz) as superseded_at

    from {{ source('raw', 'raw_prices') }}

),

superseded_prices as (

    select * from {{ source('raw', 'raw_price_revisions') }}

),

unioned as (

    {% for version in ('current_prices', 'superseded_prices') %}
        select
            symbol,
            bar_date,
            open,
            high,
            low,
            close,
            volume,
            source,
            known_at,
            superseded_at

        from {{ version }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from unioned
