with

bars as (

    select * from {{ ref('bars') }}

),

indicators as (

    select * from {{ ref('indicators') }}

),

joined as (

    select
        bars.symbol,
        bars.bar_date as session_date,
        bars.adjusted_open as open,
        bars.adjusted_high as high,
        bars.adjusted_low as low,
        bars.adjusted_close as close,
        bars.adjusted_volume as volume,
        indicators.sma_20,
        indicators.sma_50,
        indicators.sma_200,
        indicators.rsi_14,
        indicators.macd,
        indicators.macd_signal,
        indicators.natr_14,
        indicators.drawdown

    from bars
    left join indicators
        on
            bars.symbol = indicators.symbol
            and bars.bar_date = indicators.bar_date

)

select * from joined
