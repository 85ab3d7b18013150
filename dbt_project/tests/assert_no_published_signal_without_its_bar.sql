-- The ledger is append-only, so a bar that went missing since is told, not undone.
{{ config(severity='warn') }}

select signals.signal_key

from {{ source('trading', 'signals') }} as signals
left join {{ ref('int_bars') }} as bars using (symbol, bar_date)
where bars.symbol is null
