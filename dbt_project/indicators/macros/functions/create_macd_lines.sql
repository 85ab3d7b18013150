{#
macd_lines(value, fast, slow, signal [, stored fast, slow and signal averages]): the
two averages of the MACD line and the average of their difference, in one pass.

State: lseg((values seen, fast average), (slow average, signal line)); each is a sum
while it warms up (the signal line a mean in the making).
#}
{% macro create_macd_lines() %}
    {%- set step = indicators.function('macd_lines_step') %}
    create or replace function {{ step }}(
        state lseg, value double precision, fast integer, slow integer, signal integer
    )
    returns lseg
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := (state[0])[0] + 1;
        fast_average double precision := (state[0])[1];
        slow_average double precision := (state[1])[0];
        signal_line double precision := (state[1])[1];
    begin
        if seen >= slow + signal then
            fast_average := fast_average
                + 2::double precision / (fast + 1) * (value - fast_average);
            slow_average := slow_average
                + 2::double precision / (slow + 1) * (value - slow_average);
            signal_line := signal_line + 2::double precision / (signal + 1)
                * (fast_average - slow_average - signal_line);
            return lseg(point(seen, fast_average), point(slow_average, signal_line));
        end if;
        fast_average := case
            when seen > fast
                then fast_average
                + 2::double precision / (fast + 1) * (value - fast_average)
            when seen = fast then (fast_average + value) / fast
            else fast_average + value
        end;
        slow_average := case
            when seen > slow
                then slow_average
                + 2::double precision / (slow + 1) * (value - slow_average)
            when seen = slow then (slow_average + value) / slow
            else slow_average + value
        end;
        if seen >= slow then
            signal_line := signal_line + (fast_average - slow_average) / signal;
        end if;
        return lseg(point(seen, fast_average), point(slow_average, signal_line));
    end
    $step$;
    create or replace aggregate {{ indicators.function('macd_lines') }}(
        double precision, integer, integer, integer
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
    create or replace function {{ step }}(
        state lseg,
        value double precision,
        fast integer,
        slow integer,
        signal integer,
        stored_fast double precision,
        stored_slow double precision,
        stored_signal double precision
    )
    returns lseg
    language plpgsql immutable parallel safe as $step$
    begin
        if stored_signal is not null then
            return lseg(
                point(slow + signal, stored_fast), point(stored_slow, stored_signal)
            );
        end if;
        return coalesce({{ step }}(state, value, fast, slow, signal), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('macd_lines') }}(
        double precision,
        integer,
        integer,
        integer,
        double precision,
        double precision,
        double precision
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
{% endmacro %}
