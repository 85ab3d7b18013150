{#
At the end of a run that built the backtest's metrics, where the curves are too: each
strategy's portfolio as a trial in the ledger. One that is there already is the same
trial and stays as it is.
#}
{% macro record_trials(results) %}
    {{- adapter.dispatch('record_trials', 'desk')(results) -}}
{% endmacro %}

{% macro postgres__record_trials(results) %}
    {%- set inserted = insert_trials() -%}
    {%- set built = results
        | selectattr('status', 'equalto', 'success')
        | map(attribute='node') | map(attribute='name') | list if execute else [] -%}
    {%- if 'backtest_metrics' in built and load_relation(ref('equity_curve')) -%}
        {{ inserted }}
    {%- endif -%}
{% endmacro %}

{# The ledger is in Postgres. #}
{% macro default__record_trials(results) %}{% endmacro %}

{# The insert of what is built, whatever built it. #}
{% macro insert_trials() %}
    {%- set trials = source('research', 'trials') -%}
    {%- set metrics = ref('backtest_metrics') -%}
    {%- set equity_curve = ref('equity_curve') -%}
    {%- set strategies = ref('int_strategies') -%}
insert into {{ trials }} (
    strategy, version, parameters, accounts, settings, first_session, last_session,
    data_fingerprint, code, git_commit, observations, sharpe, skewness, kurtosis,
    metrics
)
with

metrics as (

    select * from {{ metrics }} where symbol = 'portfolio'

),

strategies as (

    select * from {{ strategies }}

),

centred as (

    select
        strategy,
        daily_return,
        daily_return - avg(daily_return) over (partition by strategy) as deviation

    from {{ equity_curve }}
    where symbol = 'portfolio'

),

moments as (

    select
        strategy,
        count(daily_return) as observations,
        avg(daily_return) / nullif(stddev_samp(daily_return), 0) as sharpe,
        {{ skewness('deviation') }} as skewness,
        {{ kurtosis('deviation') }} as kurtosis

    from centred
    group by strategy

),

fingerprinted as (

    {{ data_fingerprint() }}

)

select
    strategies.strategy,
    strategies.version,
    strategies.parameters,
    'portfolio',
    cast('{{ backtest_settings() | tojson }}' as jsonb),
    metrics.first_session,
    metrics.last_session,
    fingerprinted.data_fingerprint,
    '{{ var("code", "unknown") }}',
    {{ "'" ~ var('git_commit') ~ "'" if var('git_commit', none) else 'null' }},
    moments.observations,
    moments.sharpe,
    moments.skewness,
    moments.kurtosis,
    to_jsonb(metrics.*) - '{strategy,symbol,first_session,last_session}'::text []

from metrics
inner join strategies using (strategy)
inner join moments using (strategy)
cross join fingerprinted
order by strategies.strategy
on conflict do nothing
{% endmacro %}

{# The settings that a backtest's figures depend on. #}
{% macro backtest_settings() %}
    {%- set settings = {} -%}
    {%- for name in (
        'borrow_bps', 'commission_bps', 'commission_minimum', 'commission_per_share',
        'max_positions', 'position_weight', 'slippage_bps', 'starting_cash',
        'whole_shares',
    ) -%}
        {%- do settings.update({name: var(name)}) -%}
    {%- endfor -%}
    {{ return(settings) }}
{% endmacro %}
