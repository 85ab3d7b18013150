{#
average_true_range(high, low, close, period [, stored]): Wilder's average of the true
range, max(high, close before) - min(low, close before), from the second bar on.

State: lseg((bars seen, last close), (average, unused)); a sum until warm.
#}
{% macro create_average_true_range() %}
    {%- set step = indicators.function('average_true_range_step') %}
    create or replace function {{ step }}(
        state lseg,
        high double precision,
        low double precision,
        close double precision,
        period integer
    )
    returns lseg
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := (state[0])[0];
        average constant double precision := (state[1])[0];
        true_range constant double precision
        := greatest(high, (state[0])[1]) - least(low, (state[0])[1]);
    begin
        if seen > period then
            return lseg(
                point(seen, close),
                point(average + (true_range - average) / period, 0)
            );
        end if;
        if seen = 0 then
            return lseg(point(1, close), point(0, 0));
        end if;
        if seen = period then
            return lseg(
                point(period + 1, close), point((average + true_range) / period, 0)
            );
        end if;
        return lseg(point(seen + 1, close), point(average + true_range, 0));
    end
    $step$;
    create or replace aggregate {{ indicators.function('average_true_range') }}(
        double precision, double precision, double precision, integer
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
    create or replace function {{ step }}(
        state lseg,
        high double precision,
        low double precision,
        close double precision,
        period integer,
        stored double precision
    )
    returns lseg
    language plpgsql immutable parallel safe as $step$
    begin
        if stored is not null then
            return lseg(point(period + 1, close), point(stored, 0));
        end if;
        return coalesce({{ step }}(state, high, low, close, period), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('average_true_range') }}(
        double precision,
        double precision,
        double precision,
        integer,
        double precision
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
{% endmacro %}
