with

int_indicators as (

    select * from {{ ref('int_indicators') }}

),

int_symbols as (

    select * from {{ ref('int_symbols') }}

),

in_todays_terms as (

    select
        int_indicators.symbol,
        int_indicators.bar_date,
        int_indicators.sma_20 / int_symbols.cumulative_factor as sma_20,
        int_indicators.sma_50 / int_symbols.cumulative_factor as sma_50,
        int_indicators.sma_200 / int_symbols.cumulative_factor as sma_200,
        int_indicators.ema_12 / int_symbols.cumulative_factor as ema_12,
        int_indicators.ema_26 / int_symbols.cumulative_factor as ema_26,
        int_indicators.macd / int_symbols.cumulative_factor as macd,
        int_indicators.macd_signal / int_symbols.cumulative_factor as macd_signal,
        int_indicators.macd_histogram / int_symbols.cumulative_factor
            as macd_histogram,
        int_indicators.rsi_14,
        int_indicators.bollinger_upper_20 / int_symbols.cumulative_factor
            as bollinger_upper_20,
        int_indicators.bollinger_middle_20 / int_symbols.cumulative_factor
            as bollinger_middle_20,
        int_indicators.bollinger_lower_20 / int_symbols.cumulative_factor
            as bollinger_lower_20,
        int_indicators.atr_14 / int_symbols.cumulative_factor as atr_14

    from int_indicators
    inner join int_symbols using (symbol)

)

select * from in_todays_terms
