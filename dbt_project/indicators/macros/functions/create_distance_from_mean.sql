{#
distance_from_mean(value): how far the last value of a window is from the window's
mean, measured in mean distances; 0 when it or these are mere rounding, as in TA-Lib.
Base of cci.

State: the window's values. They are taken as differences from the last one, so that
equal values have no distance at all, whatever their sum rounds to.
#}
{% macro create_distance_from_mean() %}
    {%- set last_step = indicators.function('distance_from_mean_of') %}
    create or replace function {{ last_step }}(state double precision [])
    returns double precision
    language plpgsql immutable strict parallel safe as $step$
    declare
        value double precision;
        values_seen constant integer := array_length(state, 1);
        last constant double precision := state[values_seen];
        mean double precision := 0;
        distance double precision := 0;
    begin
        foreach value in array state loop
            mean := mean + (value - last);
        end loop;
        mean := mean / values_seen;
        foreach value in array state loop
            distance := distance + abs(value - last - mean);
        end loop;
        distance := distance / values_seen;
        return case
            when least(abs(mean), distance) > 1e-14 * abs(last) then -mean / distance
            else 0
        end;
    end
    $step$;
    create or replace aggregate {{ indicators.function('distance_from_mean') }}(
        double precision
    ) (
        sfunc = array_append,
        stype = double precision [],
        finalfunc = {{ last_step }}
    );
{% endmacro %}
