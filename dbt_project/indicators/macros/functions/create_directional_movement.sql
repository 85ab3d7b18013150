{#
directional_movement(high, low, close, period [, stored]): Wilder's directional
movement system in one pass, as TA-Lib has it: the first sums hold period - 1
changes, the next bar takes Wilder's first step.

State, an array: 1 bars seen, 2 high, 3 low, 4 close of the last bar, 5 true range,
6 upward and 7 downward movement (Wilder's sums), 8 dx, 9 adx (a mean in the making
until 2 * period bars are seen). A bar without any range changes neither dx nor adx.
`stored` is the elements 5 to 9 at that row.
#}
{% macro create_directional_movement() %}
    {%- set step = indicators.function('directional_movement_step') %}
    create or replace function {{ step }}(
        state double precision [],
        high double precision,
        low double precision,
        close double precision,
        period integer
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        up constant double precision := high - state[2];
        down constant double precision := state[3] - low;
        true_range double precision
        := state[5] + (greatest(high, state[4]) - least(low, state[4]));
        plus double precision := state[6];
        minus double precision := state[7];
        dx double precision;
    begin
        if state[1] = 0 then
            return array[1, high, low, close, 0, 0, 0, 0, 0];
        end if;
        if state[1] >= period then
            true_range := true_range - state[5] / period;
            plus := plus - plus / period;
            minus := minus - minus / period;
        end if;
        if up > down then
            plus := plus + greatest(up, 0);
        elsif down > up then
            minus := minus + greatest(down, 0);
        end if;
        if state[1] < period or true_range <= 0 or plus + minus <= 0 then
            return array[state[1] + 1, high, low, close, true_range, plus, minus]
                || state[8:9];
        end if;
        dx := 100 * (abs(plus - minus) / (plus + minus));
        return array[
            state[1] + 1, high, low, close, true_range, plus, minus, dx,
            case
                when state[1] < 2 * period then state[9] + dx / period
                else state[9] + (dx - state[9]) / period
            end
        ];
    end
    $step$;
    create or replace aggregate {{ indicators.function('directional_movement') }}(
        double precision, double precision, double precision, integer
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0,0,0,0,0}'
    );
    create or replace function {{ step }}(
        state double precision [],
        high double precision,
        low double precision,
        close double precision,
        period integer,
        stored double precision []
    )
    returns double precision []
    language plpgsql immutable parallel safe as $step$
    begin
        if stored[5] is not null then
            return array[2 * period, high, low, close] || stored;
        end if;
        return coalesce({{ step }}(state, high, low, close, period), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('directional_movement') }}(
        double precision,
        double precision,
        double precision,
        integer,
        double precision []
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0,0,0,0,0}'
    );
{% endmacro %}
