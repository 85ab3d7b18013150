-- A signal must rest on a bar of its own session, at that bar's close.
select signals.signal_key

from {{ ref('signals') }} as signals
left join {{ ref('int_bars') }} as bars using (symbol, bar_date)
where signals.close is distinct from bars.close_as_traded
