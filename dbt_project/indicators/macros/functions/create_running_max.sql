{# running_max(value, stored): a maximum so far that goes on from a stored one. #}
{% macro create_running_max() %}
    create or replace function {{ indicators.function('running_max_step') }}(
        highest double precision, value double precision, stored double precision
    )
    returns double precision
    language plpgsql immutable parallel safe as $step$
    begin
        return coalesce(stored, greatest(highest, value));
    end
    $step$;
    create or replace aggregate {{ indicators.function('running_max') }}(
        double precision, double precision
    ) (
        sfunc = {{ indicators.function('running_max_step') }},
        stype = double precision
    );
{% endmacro %}
