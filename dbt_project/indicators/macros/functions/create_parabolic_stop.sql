{#
parabolic_stop(high, low, acceleration, maximum): Wilder's stop and reverse, see psar.

State, an array: 1 bars seen, 2 side (1 long, -1 short), 3 stop of the bar, 4 stop of
the next one, 5 extreme since the turn, 6 acceleration, 7 high, 8 low of the bar.

Prices are times the side: while short, up is down, and the rules are those of a long
position.
#}
{% macro create_parabolic_stop() %}
    {%- set step = indicators.function('parabolic_stop_step') %}
    create or replace function {{ step }}(
        state double precision [],
        high double precision,
        low double precision,
        acceleration double precision,
        maximum double precision
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        side double precision := state[2];
        stop double precision := state[4];
        extreme double precision := state[5];
        speed double precision := state[6];
        worst_before double precision;
        worst double precision;
        best double precision;
    begin
        if state[1] = 0 then
            return array[1, 0, 0, 0, 0, acceleration, high, low];
        end if;
        if state[1] = 1 then
            side := case
                when low < state[8] and state[8] - low > high - state[7] then -1
                else 1
            end;
            stop := case side when 1 then state[8] else state[7] end;
            extreme := case side when 1 then high else low end;
            -- TA-Lib holds the first stop by the second bar alone.
            worst_before := case side when 1 then low else -high end;
        else
            worst_before := case side when 1 then state[8] else -state[7] end;
        end if;
        stop := side * stop;
        extreme := side * extreme;
        worst := case side when 1 then low else -high end;
        best := case side when 1 then high else -low end;
        if worst <= stop then
            worst_before := case
                when state[1] = 1 then -best
                when side = 1 then -state[7]
                else state[8]
            end;
            side := -side;
            stop := least(-extreme, worst_before, -best);
            extreme := -worst;
            worst := -best;
            speed := acceleration;
        elsif best > extreme then
            extreme := best;
            speed := least(speed + acceleration, maximum);
        end if;
        return array[
            state[1] + 1,
            side,
            side * stop,
            side * least(stop + speed * (extreme - stop), worst_before, worst),
            side * extreme,
            speed,
            high,
            low
        ];
    end
    $step$;
    create or replace aggregate {{ indicators.function('parabolic_stop') }}(
        double precision, double precision, double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0,0,0,0}'
    );
{% endmacro %}
