{#
chained_averages(value, period): an exponential average, its own average, and that
one's, each seeded by the mean of its own first `period` values. Base of dema, tema
and trix.

State, an array: 1 values seen, 2 to 4 the averages, each a sum until warm, 5 the
third average before.
#}
{% macro create_chained_averages() %}
    {%- set step = indicators.function('chained_averages_step') %}
    create or replace function {{ step }}(
        state double precision [], value double precision, period integer
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        updated double precision [] := array[
            state[1] + 1, state[2], state[3], state[4], state[4]
        ];
        seen double precision := state[1] + 1;
        input double precision := value;
    begin
        for level in 2..4 loop
            if seen > period then
                updated[level] := updated[level]
                    + 2::double precision / (period + 1) * (input - updated[level]);
            elsif seen = period then
                updated[level] := (updated[level] + input) / period;
            else
                updated[level] := updated[level] + input;
                return updated;
            end if;
            input := updated[level];
            seen := seen - period + 1;
        end loop;
        return updated;
    end
    $step$;
    create or replace aggregate {{ indicators.function('chained_averages') }}(
        double precision, integer
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0}'
    );
{% endmacro %}
