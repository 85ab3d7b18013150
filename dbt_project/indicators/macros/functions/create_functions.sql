{#
Makes the package's functions and aggregates, at the start of every run, where
they are missing or another release's. The lock lets two runs start at once.

Aggregates keep their state in Postgres' types of fixed size: a point holds two
numbers, an lseg four ((s[0])[0], (s[0])[1], (s[1])[0], (s[1])[1]). An array or a
composite type holds them at twice the cost a row.
#}
{% macro create_functions() %}
    {{- adapter.dispatch('create_functions', 'indicators')() -}}
{% endmacro %}

{% macro postgres__create_functions() %}
    {%- set functions -%}
        {{ indicators.create_rolling_sum() }}
        {{ indicators.create_rolling_extremes() }}
        {{ indicators.create_running_sum() }}
        {{ indicators.create_running_max() }}
        {{ indicators.create_recursive_average() }}
        {{ indicators.create_macd_lines() }}
        {{ indicators.create_gains_and_losses() }}
        {{ indicators.create_average_true_range() }}
        {{ indicators.create_directional_movement() }}
        {{ indicators.create_averages_of_total() }}
        {{ indicators.create_on_balance_volume() }}
        {{ indicators.create_chained_averages() }}
        {{ indicators.create_adaptive_average() }}
        {{ indicators.create_smoothed_changes() }}
        {{ indicators.create_distance_from_mean() }}
        {{ indicators.create_age_of_extremes() }}
        {{ indicators.create_parabolic_stop() }}
        {{ indicators.create_supertrend_bands() }}
        {{ indicators.create_heikin_ashi() }}
    {%- endset -%}
    {%- set schema = indicators.functions_schema() -%}
    {%- set release = local_md5(functions) -%}
    {%- set marker = indicators.function('indicators_release') -%}
    do $do$
    begin
        perform pg_advisory_xact_lock(hashtext('dbt.indicators'));
        if to_regprocedure('{{ marker }}()') is not null then
            if {{ marker }}() = '{{ release }}' then
                return;
            end if;
        end if;
        if to_regnamespace('{{ schema }}') is null then
            create schema {{ schema }};
        end if;
        {{ functions }}
        create or replace function {{ marker }}() returns text
        language sql immutable as $sql$ select '{{ release }}' $sql$;
    end
    $do$
{% endmacro %}

{# Other engines have no aggregates of their own making. #}
{% macro default__create_functions() %}
{% endmacro %}
