-- One row per closed trade of a strategy in one account, oldest first.

select
    account,
    trade_key,
    strategy,
    symbol,
    entry_signal_key,
    exit_signal_key,
    entry_date,
    exit_date,
    exit_reason,
    bars_held,
    qty,
    entry_price,
    exit_price,
    adjusted_entry_price,
    adjusted_exit_price,
    pnl,
    trade_return,
    costs
from marts.trades
where
    strategy = %(strategy)s
    and case
        when %(symbol)s = 'portfolio' then account = 'portfolio'
        else account = 'symbol' and symbol = %(symbol)s
    end
order by entry_date, symbol, trade_key
