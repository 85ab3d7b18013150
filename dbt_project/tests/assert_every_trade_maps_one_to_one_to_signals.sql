-- The backtest trades the desk's signals and nothing else: each that may open a
-- position and has a next bar is decided once by each account, each trade begins at
-- one and ends at the first opposite one after it or, before that, as its strategy's
-- exits say.
with

signals as (

    select
        signal_key,
        strategy,
        symbol,
        bar_date,
        side,
        min(bar_date) filter (where side = 'sell') over later as next_sell_date,
        min(bar_date) filter (where side = 'buy') over later as next_buy_date

    from {{ ref('signals') }}
    window later as (
        partition by strategy, symbol
        order by bar_date desc
        rows between unbounded preceding and 1 preceding
    )

),

decided as (

    select
        signal_key,
        count(*) filter (where account = 'symbol') as by_symbol,
        count(*) filter (where account = 'portfolio') as by_portfolio

    from {{ ref('int_positions') }}
    where strategy <> 'buy_and_hold'
    group by signal_key

),

fillable as (

    select signals.signal_key

    from signals
    inner join {{ ref('int_bars') }} as bars using (symbol, bar_date)
    inner join {{ ref('int_symbols') }} as symbols using (symbol)
    inner join {{ ref('int_strategies') }} as strategies using (strategy)
    where
        (signals.side = 'buy' or strategies.has_shorts)
        and bars.bar_number < symbols.bars

),

joined_to_entry as (

    select
        trades.*,
        signals.signal_key as found_key,
        case trades.side
            when 'long' then signals.next_sell_date else signals.next_buy_date
        end as next_opposite_date

    from {{ ref('trades') }} as trades
    left join signals
        on
            trades.entry_signal_key = signals.signal_key
            and trades.strategy = signals.strategy
            and trades.symbol = signals.symbol
            and trades.entry_signal_date = signals.bar_date
            and signals.side = case trades.side when 'long' then 'buy' else 'sell' end

)

select
    signal_key,
    'not decided once by each account' as wrong

from fillable
full join decided using (signal_key)
where
    decided.by_symbol is distinct from 1
    or decided.by_portfolio is distinct from 1
union all
select
    trade_key,
    'not between its own signals' as wrong

from joined_to_entry
where
    found_key is null
    or exit_signal_key is distinct from case
        when next_opposite_date < exit_date
            then strategy || '|' || symbol || '|' || next_opposite_date
    end
