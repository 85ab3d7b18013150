{# running_sum(value, stored): a sum so far that goes on from a stored one. #}
{% macro create_running_sum() %}
    create or replace function {{ indicators.function('running_sum_step') }}(
        total double precision, value double precision, stored double precision
    )
    returns double precision
    language plpgsql immutable parallel safe as $step$
    begin
        return coalesce(stored, total + coalesce(value, 0));
    end
    $step$;
    create or replace aggregate {{ indicators.function('running_sum') }}(
        double precision, double precision
    ) (
        sfunc = {{ indicators.function('running_sum_step') }},
        stype = double precision,
        initcond = '0'
    );
{% endmacro %}
