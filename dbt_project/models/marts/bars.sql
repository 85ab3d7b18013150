with

int_bars as (

    select * from {{ ref('int_bars') }}

),

int_symbols as (

    select * from {{ ref('int_symbols') }}

),

in_todays_terms as (

    select
        int_bars.symbol,
        int_bars.bar_date,
        int_bars.bar_number,
        int_bars.open_as_traded as open,
        int_bars.high_as_traded as high,
        int_bars.low_as_traded as low,
        int_bars.close_as_traded as close,
        int_bars.volume_as_traded as volume,
        int_bars.open / int_symbols.cumulative_factor as adjusted_open,
        int_bars.high / int_symbols.cumulative_factor as adjusted_high,
        int_bars.low / int_symbols.cumulative_factor as adjusted_low,
        int_bars.close / int_symbols.cumulative_factor as adjusted_close,
        int_bars.volume * int_symbols.split_factor as adjusted_volume

    from int_bars
    inner join int_symbols using (symbol)

)

select * from in_todays_terms
