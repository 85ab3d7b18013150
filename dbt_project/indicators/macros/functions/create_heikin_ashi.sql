{#
heikin_ashi(open, high, low, close): the candle's open and close, see
heikin_ashi_open. State: lseg((bars seen, at most 1; unused), (open, close)).
#}
{% macro create_heikin_ashi() %}
    {%- set step = indicators.function('heikin_ashi_step') %}
    create or replace function {{ step }}(
        state lseg,
        open double precision,
        high double precision,
        low double precision,
        close double precision
    )
    returns lseg
    language plpgsql immutable strict parallel safe as $step$
    begin
        return lseg(
            point(1, 0),
            point(
                case
                    when (state[0])[0] = 0 then (open + close) / 2
                    else ((state[1])[0] + (state[1])[1]) / 2
                end,
                (open + high + low + close) / 4
            )
        );
    end
    $step$;
    create or replace aggregate {{ indicators.function('heikin_ashi') }}(
        double precision, double precision, double precision, double precision
    ) (
        sfunc = {{ step }},
        stype = lseg,
        initcond = '[(0,0),(0,0)]'
    );
{% endmacro %}
