{#
on_balance_volume(close, volume [, stored]): volume added on a close above the one
before and taken away on one below. State: point(last close, total).
#}
{% macro create_on_balance_volume() %}
    {%- set step = indicators.function('on_balance_volume_step') %}
    create or replace function {{ step }}(
        state point, close double precision, volume double precision
    )
    returns point
    language plpgsql immutable strict parallel safe as $step$
    begin
        return point(
            close,
            state[1] + case
                when close > state[0] then volume
                when close < state[0] then -volume
                else 0
            end
        );
    end
    $step$;
    create or replace aggregate {{ indicators.function('on_balance_volume') }}(
        double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = point,
        initcond = '(-Infinity,0)'
    );
    create or replace function {{ step }}(
        state point,
        close double precision,
        volume double precision,
        stored double precision
    )
    returns point
    language plpgsql immutable parallel safe as $step$
    begin
        if stored is not null then
            return point(close, stored);
        end if;
        return coalesce({{ step }}(state, close, volume), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('on_balance_volume') }}(
        double precision, double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = point,
        initcond = '(-Infinity,0)'
    );
{% endmacro %}
