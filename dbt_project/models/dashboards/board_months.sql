with

monthly_returns as (

    select * from {{ ref('monthly_returns') }}

),

in_words as (

    select
        {{ strategy_in_words('strategy') }} as strategy,
        case symbol when 'portfolio' then 'Portfolio' else symbol end as account,
        month_date,
        to_char(month_date, 'YYYY') as year,
        to_char(month_date, 'MM Mon') as month,
        monthly_return

    from monthly_returns

)

select * from in_words
