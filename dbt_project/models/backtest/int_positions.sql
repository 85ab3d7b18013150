{{ config(schema='intermediate') }}

-- depends_on: {{ ref('int_candidates') }}
-- depends_on: {{ ref('int_bars') }}
-- depends_on: {{ ref('int_symbols') }}
with

simulated as (

    {{ simulated() }}

)

select * from simulated
