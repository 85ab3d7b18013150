{#
adaptive_average(value, period, fast, slow): Kaufman's average, see kama. The way is
kept up to date in TA-Lib's order of steps, because a price that stands still turns a
difference in the last digit into another speed.

State, an array: 1 values seen, 2 the average (the last value until warm), 3 the way
over `period` changes, then the last period + 1 values.
#}
{% macro create_adaptive_average() %}
    {%- set step = indicators.function('adaptive_average_step') %}
    create or replace function {{ step }}(
        state double precision [],
        value double precision,
        period integer,
        fast integer,
        slow integer
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := state[1];
        kept double precision [] := state[4:];
        way double precision := state[3];
        change double precision;
        efficiency double precision := 1;
        slowest constant double precision := 2::double precision / (slow + 1);
        quickest constant double precision := 2::double precision / (fast + 1);
        speed double precision;
    begin
        if seen > period then
            way := way - abs(kept[1] - kept[2]);
            kept := kept[2:];
        end if;
        if seen > 0 then
            way := way + abs(value - kept[array_length(kept, 1)]);
        end if;
        if seen < period then
            return array[seen + 1, value, way] || kept || value;
        end if;
        change := value - kept[1];
        if way > change and way >= 1e-14 then
            efficiency := abs(change / way);
        end if;
        speed := (efficiency * (quickest - slowest) + slowest) ^ 2;
        return array[seen + 1, state[2] + speed * (value - state[2]), way]
            || kept || value;
    end
    $step$;
    create or replace aggregate {{ indicators.function('adaptive_average') }}(
        double precision, integer, integer, integer
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0}'
    );
{% endmacro %}
