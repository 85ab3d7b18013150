{#
recursive_average(value, period, alpha [, stored]): the mean of the first `period`
values, then average + alpha * (value - average). Base of ema and rma.

State: point(values seen, at most `period`; their sum, then the average).
`stored`, where it isn't NULL, is the average at that row: the series goes on from it.
#}
{% macro create_recursive_average() %}
    {%- set step = indicators.function('recursive_average_step') %}
    create or replace function {{ step }}(
        state point, value double precision, period integer, alpha double precision
    )
    returns point
    language plpgsql immutable strict parallel safe as $step$
    begin
        if state[0] >= period then
            return point(period, state[1] + alpha * (value - state[1]));
        end if;
        if state[0] = period - 1 then
            return point(period, (state[1] + value) / period);
        end if;
        return point(state[0] + 1, state[1] + value);
    end
    $step$;
    create or replace aggregate {{ indicators.function('recursive_average') }}(
        double precision, integer, double precision
    ) (
        sfunc = {{ step }},
        stype = point,
        initcond = '(0,0)'
    );
    create or replace function {{ step }}(
        state point,
        value double precision,
        period integer,
        alpha double precision,
        stored double precision
    )
    returns point
    language plpgsql immutable parallel safe as $step$
    begin
        if stored is not null then
            return point(period, stored);
        end if;
        return coalesce({{ step }}(state, value, period, alpha), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('recursive_average') }}(
        double precision, integer, double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = point,
        initcond = '(0,0)'
    );
{% endmacro %}
