with

prices as (

    select * from {{ ref('stg_prices') }}

),

corporate_actions as (

    select * from {{ ref('int_corporate_actions') }}

),

multiplied as (

    select
        symbol,
        bar_date,
        {{ product('factor', order_by='ex_date, kind') }} as factor,
        {{ product('split_ratio', order_by='ex_date, kind') }} as split_ratio

    from corporate_actions
    where bar_date is not null
    group by symbol, bar_date

),

accumulated as (

    select
        prices.*,
        row_number() over so_far as bar_number,
        {{ product('multiplied.factor') }} over so_far as cumulative_factor,
        {{ product('multiplied.split_ratio') }} over so_far as split_factor

    from prices
    left join multiplied using (symbol, bar_date)
    window so_far as (
        partition by prices.symbol
        order by prices.bar_date
        rows between unbounded preceding and current row
    )

),

forward_adjusted as (

    select
        symbol,
        bar_date,
        bar_number,
        open * cumulative_factor as open,
        high * cumulative_factor as high,
        low * cumulative_factor as low,
        close * cumulative_factor as close,
        volume / split_factor as volume,
        open as open_as_traded,
        high as high_as_traded,
        low as low_as_traded,
        close as close_as_traded,
        volume as volume_as_traded,
        cumulative_factor,
        split_factor

    from accumulated

)

select * from forward_adjusted
