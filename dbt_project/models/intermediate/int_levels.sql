-- What looks back furthest stands apart: an increment reads a year for it.
with

bars as (

    {{ bars_to_compute(
        ['high', 'low', 'close'], lookback_bars=252, stored=['ema_200', 'peak']
    ) }}

),

computed as (

    select
        *,
        {{ indicators.sma('close', 200) }} as sma_200,
        {{ indicators.ema('close', 200, resume=stored('ema_200')) }} as ema_200,
        {{ indicators.roc('close', 252) }} as roc_252,
        {{ indicators.rolling_max('high', 252) }} as high_252,
        {{ indicators.rolling_min('low', 252) }} as low_252,
        {{ indicators.peak('close', resume=stored('peak')) }} as peak,
        {{ indicators.drawdown('close', resume=stored('peak')) }} as drawdown

    from {{ indicators.walked('bars') }}

),

typed as (

    select
        symbol,
        bar_date,
        sma_200,
        ema_200,
        roc_252,
        high_252,
        low_252,
        peak,
        drawdown

    from computed
    {{ changed_only() }}

)

select * from typed
