{#
averages_of_total(value, fast, slow): the values' running total and its two
exponential averages, which start at the first value. Base of chaikin_oscillator.

State: lseg((values seen, total), (fast average, slow average)).
#}
{% macro create_averages_of_total() %}
    {%- set step = indicators.function('averages_of_total_step') %}
    create or replace function {{ step }}(
        state lseg, value double precision, fast integer, slow integer
    )
    returns lseg
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := (state[0])[0];
        total constant double precision := (state[0])[1] + value;
        fast_average constant double precision := (state[1])[0];
        slow_average constant double precision := (state[1])[1];
    begin
        if seen = 0 then
            return lseg(point(1, total), point(total, total));
        end if;
        return lseg(
            point(seen + 1, total),
            point(
                fast_average
                + 2::double precision / (fast + 1) * (total - fast_average),
                slow_average
                + 2::double precision / (slow + 1) * (total - slow_average)
            )
        );
    end
    $step$;
    create or replace aggregate {{ indicators.function('averages_of_total') }}(
        double precision, integer, integer
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
{% endmacro %}
