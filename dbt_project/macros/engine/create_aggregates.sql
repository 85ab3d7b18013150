{#
The two aggregates Postgres lacks, made at the start of every run if missing:

ema(value, alpha)  average + alpha * (value - average), from the first value on.
product(value)     the values multiplied; NULLs are skipped, of nothing it is 1.

ema's strict transition skips NULLs and takes the first value as it is: give it
NULL before the seed, the seed, then the values (the seed macro does). The lock
lets two builds start at once.
#}
{% macro create_aggregates() %}
do $do$
begin
    if to_regprocedure('intermediate.ema(float8, float8)') is not null
        and to_regprocedure('intermediate.product(float8)') is not null
    then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('desk.create_aggregates'));
    create or replace function intermediate.ema_step(
        average double precision, value double precision, alpha double precision
    )
    returns double precision
    language plpgsql immutable strict parallel safe as $step$
    begin
        return average + alpha * (value - average);
    end
    $step$;
    create or replace aggregate intermediate.ema(double precision, double precision) (
        sfunc = intermediate.ema_step,
        stype = double precision
    );
    create or replace aggregate intermediate.product(double precision) (
        sfunc = float8mul,
        stype = double precision,
        initcond = '1'
    );
end
$do$
{% endmacro %}
