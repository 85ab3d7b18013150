with

bars as (

    {{ bars_to_compute(
        ['high', 'low', 'close'], lookback_bars=20,
        stored=['average_gain_14', 'average_loss_14'],
    ) }}

),

computed as (

    select
        *,
        {{ indicators.rsi('close', 14, resume=resumed_gains()) }} as rsi_14,
        {{ indicators.cmo('close', 14, resume=resumed_gains()) }} as cmo_14,
        {{ indicators.average_gain('close', 14, resume=resumed_gains()) }}
            as average_gain_14,
        {{ indicators.average_loss('close', 14, resume=resumed_gains()) }}
            as average_loss_14,
        {{ indicators.stochastic_fast_k('high', 'low', 'close', 14) }} as fast_k,
        {{ indicators.williams_r('high', 'low', 'close', 14) }} as williams_r_14,
        {{ indicators.momentum('close', 10) }} as momentum_10,
        {{ indicators.roc('close', 10) }} as roc_10

    from {{ indicators.walked('bars') }}

),

slowed as (

    select
        *,
        {{ indicators.sma('fast_k', 3) }} as stochastic_k_14,
        -- The sma over 3 bars of that, from the same rows.
        {{ indicators.trima('fast_k', 5) }} as stochastic_d_14

    from computed

),

typed as (

    select
        symbol,
        bar_date,
        rsi_14,
        cmo_14,
        stochastic_k_14,
        stochastic_d_14,
        williams_r_14,
        momentum_10,
        roc_10,
        average_gain_14,
        average_loss_14

    from slowed
    {{ changed_only() }}

)

select * from typed
