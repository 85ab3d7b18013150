{#
smoothed_changes(value, long, short): a series' changes and their sizes, each averaged
twice, see tsi.

State, an array: 1 values seen, 2 the last value, 3 the average change and 4 average
size over `long`, 5 and 6 their averages over `short`; each a mean in the making until
warm.
#}
{% macro create_smoothed_changes() %}
    {%- set step = indicators.function('smoothed_changes_step') %}
    create or replace function {{ step }}(
        state double precision [],
        value double precision,
        long integer,
        short integer
    )
    returns double precision []
    language plpgsql immutable strict parallel safe as $step$
    declare
        changes constant double precision := state[1];
        smoothed constant double precision := changes - long + 1;
        change constant double precision := value - state[2];
        long_alpha constant double precision := 2::double precision / (long + 1);
        short_alpha constant double precision := 2::double precision / (short + 1);
        average double precision [] := state[3:];
    begin
        if changes > long then
            average[1] := average[1] + long_alpha * (change - average[1]);
            average[2] := average[2] + long_alpha * (abs(change) - average[2]);
        elsif changes > 0 then
            average[1] := average[1] + change / long;
            average[2] := average[2] + abs(change) / long;
        end if;
        if smoothed > short then
            average[3] := average[3] + short_alpha * (average[1] - average[3]);
            average[4] := average[4] + short_alpha * (average[2] - average[4]);
        elsif smoothed > 0 then
            average[3] := average[3] + average[1] / short;
            average[4] := average[4] + average[2] / short;
        end if;
        return array[changes + 1, value] || average;
    end
    $step$;
    create or replace aggregate {{ indicators.function('smoothed_changes') }}(
        double precision, integer, integer
    ) (
        sfunc = {{ step }},
        stype = double precision [],
        initcond = '{0,0,0,0,0,0}'
    );
{% endmacro %}
