with

indicators as (

    select * from {{ ref('indicators') }}

),

gathered as (

    select
        symbol,
        bar_date,
        to_jsonb(indicators) - array['symbol', 'bar_date'] as values

    from indicators

)

select * from gathered
