{#
adaptive_average(value, period, fast, slow): Kaufman's average, see kama. The way is
added up anew at each bar: what a running sum leaves behind would be taken for
movement when the price stands still.

State, an array: 1 values seen, 2 the average (the last value until warm), then the
last `period` values.
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
        kept constant double precision [] := state[3:] || value;
        slowest constant double precision := 2::double precision / (slow + 1);
        quickest constant double precision := 2::double precision / (fast + 1);
        way double precision := 0;
        efficiency double precision := 1;
        speed double precision;
    begin
        if state[1] < period then
            return array[state[1] + 1, value] || kept;
        end if;
        for bar in 1..period loop
            way := way + abs(kept[bar + 1] - kept[bar]);
        end loop;
        if way > 0 then
            efficiency := abs(value - kept[1]) / way;
        end if;
        speed := (efficiency * (quickest - slowest) + slowest) ^ 2;
        return array[state[1] + 1, state[2] + speed * (value - state[2])]
            || kept[2:];
    end
    $step$;
    create or replace aggregate {{ indicators.function('adaptive_average') }}(
        double precision, integer, integer, integer
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0}'
    );
{% endmacro %}
