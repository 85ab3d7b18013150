with

bars as (

    {{ bars_to_compute(
        ['high', 'low', 'close'], lookback_bars=21, stored=['atr_14']
    ) }}

),

computed as (

    select
        *,
        {{ indicators.log_return('close') }} as log_return,
        {{ indicators.atr('high', 'low', 'close', 14, resume=stored('atr_14')) }}
            as atr_14,
        {{ indicators.natr('high', 'low', 'close', 14, resume=stored('atr_14')) }}
            as natr_14,
        {{ indicators.standard_deviation('close', 20) }} as stddev_20,
        {{ indicators.bollinger('close', 20, 2) }} as bollinger_upper_20,
        {{ indicators.sma('close', 20) }} as bollinger_middle_20,
        {{ indicators.bollinger('close', 20, -2) }} as bollinger_lower_20,
        {{ indicators.bollinger_percent_b('close', 20, 2) }}
            as bollinger_percent_b_20,
        {{ indicators.bollinger_width('close', 20, 2) }} as bollinger_width_20,
        {{ indicators.donchian_upper('high', 20) }} as donchian_upper_20,
        {{ indicators.donchian_lower('low', 20) }} as donchian_lower_20

    from {{ indicators.walked('bars') }}

),

of_returns as (

    select
        *,
        {{ indicators.historical_volatility('log_return', 20) }}
            as historical_volatility_20

    from computed

),

typed as (

    select
        symbol,
        bar_date,
        atr_14,
        natr_14,
        stddev_20,
        bollinger_upper_20,
        bollinger_middle_20,
        bollinger_lower_20,
        bollinger_percent_b_20,
        bollinger_width_20,
        donchian_upper_20,
        donchian_lower_20,
        historical_volatility_20

    from of_returns
    {{ changed_only() }}

)

select * from typed
