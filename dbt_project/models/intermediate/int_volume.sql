with

bars as (

    {{ bars_to_compute(
        ['high', 'low', 'close', 'volume'], lookback_bars=21,
        stored=['obv', 'ad_line', 'force_index_13'],
    ) }}

),

flows as (

    select
        *,
        {{ indicators.money_flow('high', 'low', 'close', 'volume') }} as money_flow,
        {{ indicators.force('close', 'volume') }} as force

    from bars

),

computed as (

    select
        *,
        {{ indicators.obv('close', 'volume', resume=stored('obv')) }} as obv,
        {{ indicators.ad_line(
            'high', 'low', 'close', 'volume', resume=stored('ad_line')
        ) }} as ad_line,
        {{ indicators.chaikin_money_flow('high', 'low', 'close', 'volume', 20) }}
            as chaikin_money_flow_20,
        {{ indicators.sma('volume', 20) }} as volume_sma_20,
        {{ indicators.vwap('high', 'low', 'close', 'volume', 20) }} as vwap_20,
        {{ indicators.mfi('money_flow', 14) }} as mfi_14,
        {{ indicators.ema('force', 13, resume=stored('force_index_13')) }}
            as force_index_13

    from {{ indicators.walked('flows') }}

),

typed as (

    select
        symbol,
        bar_date,
        obv,
        ad_line,
        chaikin_money_flow_20,
        mfi_14,
        force_index_13,
        volume_sma_20,
        vwap_20

    from computed
    {{ changed_only() }}

)

select * from typed
