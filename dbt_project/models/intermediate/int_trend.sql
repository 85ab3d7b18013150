with

bars as (

    {{ bars_to_compute(['high', 'low', 'close'], lookback_bars=50, stored=[
        'ema_12', 'ema_26', 'macd_signal',
        'adx_14', 'plus_di_14', 'minus_di_14', 'true_range_sum_14',
    ]) }}

),

computed as (

    select
        *,
        {{ indicators.sma('close', 20) }} as sma_20,
        {{ indicators.sma('close', 50) }} as sma_50,
        {{ indicators.macd_fast('close', 12, 26, 9, resume=resumed_macd()) }} as ema_12,
        {{ indicators.macd_slow('close', 12, 26, 9, resume=resumed_macd()) }} as ema_26,
        {{ indicators.macd_signal('close', 12, 26, 9, resume=resumed_macd()) }}
            as macd_signal,
        {{ indicators.adx('high', 'low', 'close', 14, resume=resumed_movement()) }}
            as adx_14,
        {{ indicators.plus_di('high', 'low', 'close', 14, resume=resumed_movement()) }}
            as plus_di_14,
        {{ indicators.minus_di('high', 'low', 'close', 14, resume=resumed_movement()) }}
            as minus_di_14,
        {{ indicators.true_range_sum(
            'high', 'low', 'close', 14, resume=resumed_movement()
        ) }} as true_range_sum_14

    from {{ indicators.walked('bars') }}

),

typed as (

    select
        symbol,
        bar_date,
        sma_20,
        sma_50,
        ema_12,
        ema_26,
        ema_12 - ema_26 as macd,
        macd_signal,
        ema_12 - ema_26 - macd_signal as macd_histogram,
        adx_14,
        plus_di_14,
        minus_di_14,
        true_range_sum_14

    from computed
    {{ changed_only() }}

)

select * from typed
