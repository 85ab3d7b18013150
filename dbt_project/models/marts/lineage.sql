-- Laterals, so that a condition on one signal reaches the indexes of everything.
with

signals as (

    select * from {{ source('trading', 'signals') }}

),

published as (

    select * from {{ source('trading', 'published_sessions') }}

),

orders as (

    select * from {{ source('trading', 'orders') }}

),

indicators_json as (

    select * from {{ ref('indicators_json') }}

),

versions as (

    select * from {{ ref('stg_price_versions') }}

),

runs as (

    select * from {{ source('raw', 'ingest_runs') }}

),

traced as (

    select
        signals.signal_key,
        signals.strategy,
        signals.symbol,
        signals.bar_date,
        signals.side,
        signals.details ->> 'sentence' as sentence,
        signals.details ->> 'version' as strategy_version,
        signals.published_at,
        orders.id as order_id,
        orders.account_id,
        orders.client_order_id,
        orders.broker_order_id,
        orders.state as order_state,
        orders.filled_qty,
        orders.filled_avg_price,
        indicators_json.values as indicators,
        {% for column in ('open', 'high', 'low', 'close', 'volume') -%}
            bar.{{ column }} as bar_{{ column }},
        {% endfor -%}
        bar.source as bar_source,
        bar.known_at as bar_known_at,
        bar.superseded_at as bar_superseded_at,
        bar_run.run_id as bar_run_id,
        bar_run.started_at as bar_run_started_at,
        published.run_id as published_run_id,
        published.code_version

    from signals
    inner join published
        on signals.bar_date = published.session_date
    left join orders using (signal_key)
    left join indicators_json
        on
            signals.symbol = indicators_json.symbol
            and signals.bar_date = indicators_json.bar_date
    left join lateral {{ bar_as_published() }} as bar on true
    left join lateral {{ run_of_the_bar() }} as bar_run on true

)

select * from traced
