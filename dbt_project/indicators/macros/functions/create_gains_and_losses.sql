{#
gains_and_losses(value, period [, stored gain and loss]): Wilder's averages of a
series' ups and of its downs. Base of rsi and cmo. In TA-Lib's order of steps, to the
last digit: where the price nearly stands still stochastic_rsi magnifies roundings.

State: lseg((values seen, last value), (average gain, average loss)); the averages
are sums until `period` changes are seen.
#}
{% macro create_gains_and_losses() %}
    {%- set step = indicators.function('gains_and_losses_step') %}
    create or replace function {{ step }}(
        state lseg, value double precision, period integer
    )
    returns lseg
    language plpgsql immutable strict parallel safe as $step$
    declare
        seen constant double precision := (state[0])[0];
        change constant double precision := value - (state[0])[1];
        gain constant double precision := (state[1])[0];
        loss constant double precision := (state[1])[1];
    begin
        if seen > period then
            return lseg(
                point(seen, value),
                point(
                    (gain * (period - 1) + greatest(change, 0))
                    * (1::double precision / period),
                    (loss * (period - 1) + greatest(-change, 0))
                    * (1::double precision / period)
                )
            );
        end if;
        if seen = 0 then
            return lseg(point(1, value), point(0, 0));
        end if;
        if seen = period then
            return lseg(
                point(period + 1, value),
                point(
                    (gain + greatest(change, 0)) * (1::double precision / period),
                    (loss + greatest(-change, 0)) * (1::double precision / period)
                )
            );
        end if;
        return lseg(
            point(seen + 1, value),
            point(gain + greatest(change, 0), loss + greatest(-change, 0))
        );
    end
    $step$;
    create or replace aggregate {{ indicators.function('gains_and_losses') }}(
        double precision, integer
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
    create or replace function {{ step }}(
        state lseg,
        value double precision,
        period integer,
        stored_gain double precision,
        stored_loss double precision
    )
    returns lseg
    language plpgsql immutable parallel safe as $step$
    begin
        if stored_gain is not null then
            return lseg(point(period + 1, value), point(stored_gain, stored_loss));
        end if;
        return coalesce({{ step }}(state, value, period), state);
    end
    $step$;
    create or replace aggregate {{ indicators.function('gains_and_losses') }}(
        double precision, integer, double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
{% endmacro %}
