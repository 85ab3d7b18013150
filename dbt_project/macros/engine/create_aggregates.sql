{#
The aggregate Postgres lacks, made at the start of every run if missing:

product(value)     the values multiplied; NULLs are skipped, of nothing it is 1.

The lock lets two builds start at once.
#}
{% macro create_aggregates() %}
    {{- adapter.dispatch('create_aggregates', 'desk')() -}}
{% endmacro %}

{% macro postgres__create_aggregates() %}
do $do$
begin
    if to_regprocedure('intermediate.product(float8)') is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('desk.create_aggregates'));
    create or replace aggregate intermediate.product(double precision) (
        sfunc = float8mul,
        stype = double precision,
        initcond = '1'
    );
end
$do$
{% endmacro %}

{# Elsewhere none can be made. #}
{% macro default__create_aggregates() %}{% endmacro %}
