-- A trade without its two signals, or a signal in two trades, would be a result
-- the strategy never gave. (Each key is in only one trade: trades' own keys.)
select
    trades.trade_key,
    trades.exit_signal_key

from {{ ref('trades') }} as trades
left join {{ ref('signals') }} as entries
    on
        trades.entry_signal_key = entries.signal_key
        and trades.strategy = entries.strategy
        and trades.symbol = entries.symbol
        and trades.entry_signal_date = entries.bar_date
        and entries.side = 'buy'
left join {{ ref('signals') }} as exits
    on
        trades.exit_signal_key = exits.signal_key
        and trades.strategy = exits.strategy
        and trades.symbol = exits.symbol
        and trades.exit_signal_date = exits.bar_date
        and exits.side = 'sell'
where entries.signal_key is null or exits.signal_key is null
