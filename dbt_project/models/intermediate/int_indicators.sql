with

bars as (

    select * from {{ ref('int_bars') }}

),

measured as (

    select
        symbol,
        bar_date,
        close,
        {{ change('close') }} as close_change,
        {{ true_range('high', 'low', 'close') }} as true_range

    from bars

),

split_by_direction as (

    select
        *,
        case when close_change is not null then greatest(close_change, 0) end
            as gain,
        case when close_change is not null then greatest(-close_change, 0) end
            as loss

    from measured

),

windowed as (

    select
        symbol,
        bar_date,
        {{ sma('close', 20) }} as sma_20,
        {{ sma('close', 50) }} as sma_50,
        {{ sma('close', 200) }} as sma_200,
        {{ bollinger('close', 20, 2) }} as bollinger_upper_20,
        {{ bollinger('close', 20, 0) }} as bollinger_middle_20,
        {{ bollinger('close', 20, -2) }} as bollinger_lower_20,
        {{ seed('close', 12) }} as seeded_close_12,
        {{ seed('close', 26) }} as seeded_close_26,
        {{ seed('gain', 14) }} as seeded_gain_14,
        {{ seed('loss', 14) }} as seeded_loss_14,
        {{ seed('true_range', 14) }} as seeded_true_range_14

    from split_by_direction

),

averaged as (

    select
        *,
        {{ ema('seeded_close_12', 12) }} as ema_12,
        {{ ema('seeded_close_26', 26) }} as ema_26,
        {{ rma('seeded_gain_14', 14) }} as average_gain_14,
        {{ rma('seeded_loss_14', 14) }} as average_loss_14,
        {{ atr('seeded_true_range_14', 14) }} as atr_14

    from windowed

),

compared as (

    select
        *,
        {{ macd('ema_12', 'ema_26') }} as macd,
        {{ rsi('average_gain_14', 'average_loss_14') }} as rsi_14

    from averaged

),

seeded_again as (

    select
        *,
        {{ seed('macd', 9) }} as seeded_macd_9

    from compared

),

signal_line as (

    select
        *,
        {{ ema('seeded_macd_9', 9) }} as macd_signal

    from seeded_again

),

typed as (

    select
        symbol,
        bar_date,
        sma_20,
        sma_50,
        sma_200,
        ema_12,
        ema_26,
        macd,
        macd_signal,
        macd - macd_signal as macd_histogram,
        rsi_14,
        bollinger_upper_20,
        bollinger_middle_20,
        bollinger_lower_20,
        atr_14

    from signal_line

)

select * from typed
