{{ config(schema='intermediate') }}

-- depends_on: {{ ref('int_candidates') }}
-- depends_on: {{ ref('int_bars') }}
-- depends_on: {{ ref('int_symbols') }}
with

simulated as (

    {{ simulated() }}

)

select
    account,
    signal_key,
    strategy,
    symbol,
    outcome,
    qty,
    entry_value,
    entry_fee,
    exit_value,
    exit_fee,
    margin,
    free_cash

from simulated
