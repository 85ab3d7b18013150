{#
supertrend_bands(high, low, close, period, multiple): the bands around the price and
the side of the trend, see supertrend.

State, an array: 1 bars seen, 2 close, 3 average true range (a sum until warm), 4
upper and 5 lower band, 6 direction (1 up, -1 down).
#}
{% macro create_supertrend_bands() %}
    {%- set step = indicators.function('supertrend_bands_step') %}
    create or replace function {{ step }}(
        state double precision [],
        high double precision,
        low double precision,
        close double precision,
        period integer,
        multiple double precision
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := state[1];
        before constant double precision := state[2];
        average double precision := state[3];
        upper double precision;
        lower double precision;
        direction double precision := 1;
    begin
        if seen = 0 then
            return array[1, close, 0, 0, 0, 0];
        end if;
        if seen > period then
            average := average
                + (greatest(high, before) - least(low, before) - average) / period;
        else
            average := average + greatest(high, before) - least(low, before);
        end if;
        if seen < period then
            return array[seen + 1, close, average, 0, 0, 0];
        end if;
        if seen = period then
            average := average / period;
        end if;
        upper := (high + low) / 2 + multiple * average;
        lower := (high + low) / 2 - multiple * average;
        if seen > period then
            if before <= state[4] then
                upper := least(upper, state[4]);
            end if;
            if before >= state[5] then
                lower := greatest(lower, state[5]);
            end if;
            direction := case
                when state[6] < 0 and close > upper then 1
                when state[6] > 0 and close < lower then -1
                else state[6]
            end;
        end if;
        return array[seen + 1, close, average, upper, lower, direction];
    end
    $step$;
    create or replace aggregate {{ indicators.function('supertrend_bands') }}(
        double precision,
        double precision,
        double precision,
        integer,
        double precision
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0,0}'
    );
{% endmacro %}
