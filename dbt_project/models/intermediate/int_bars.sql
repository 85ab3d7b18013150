with

prices as (

    {{ changed(ref('stg_prices'), 'bar_date') }}

),

corporate_actions as (

    {{ changed(ref('int_corporate_actions'), 'ex_date') }}

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

-- What an increment goes on from: the row of the last unchanged bar.
stored as (

    {{ last_stored(['bar_number', 'cumulative_factor', 'split_factor']) }}

),

accumulated as (

    select
        prices.*,
        row_number() over so_far as new_bars,
        {{ product('multiplied.factor', so_far='so_far') }} as new_factor,
        {{ product('multiplied.split_ratio', so_far='so_far') }} as new_split_factor

    from prices
    left join multiplied using (symbol, bar_date)
    window so_far as (
        partition by prices.symbol
        order by prices.bar_date
        rows between unbounded preceding and current row
    )

),

continued as (

    select
        accumulated.*,
        cast(accumulated.new_bars + coalesce(stored.bar_number, 0) as bigint)
            as bar_number,
        accumulated.new_factor * coalesce(stored.cumulative_factor, 1)
            as cumulative_factor,
        accumulated.new_split_factor * coalesce(stored.split_factor, 1)
            as split_factor

    from accumulated
    left join stored using (symbol)

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

    from continued

)

select * from forward_adjusted
