{{ config(schema='intermediate') }}

with

signals as (

    select * from {{ ref('int_backtest_signals') }}

),

bars as (

    select * from {{ ref('int_bars') }}

),

joined_to_next_bar as (

    select
        signals.signal_key,
        signals.strategy,
        signals.symbol,
        signals.side,
        signals.bar_date as signal_date,
        next_bars.bar_date as fill_date,
        next_bars.bar_number,
        next_bars.cumulative_factor,
        next_bars.open

    from signals
    inner join bars as signal_bars using (symbol, bar_date)
    inner join bars as next_bars
        on
            signals.symbol = next_bars.symbol
            and signal_bars.bar_number + 1 = next_bars.bar_number

),

slipped as (

    select
        *,
        case side
            when 'buy' then open * (1 + {{ basis_points('slippage_bps') }})
            else open * (1 - {{ basis_points('slippage_bps') }})
        end as price

    from joined_to_next_bar

),

-- A buy turns all dollars into shares, a sell all shares into dollars; the
-- commission is paid out of the dollars.
exchanged as (

    select
        signal_key,
        strategy,
        symbol,
        side,
        signal_date,
        fill_date,
        bar_number,
        cumulative_factor,
        price,
        case side
            when 'buy' then 1 / (price * (1 + {{ basis_points('commission_bps') }}))
            else price * (1 - {{ basis_points('commission_bps') }})
        end as exchange_rate

    from slipped

)

select * from exchanged
