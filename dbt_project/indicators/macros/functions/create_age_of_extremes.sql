{#
age_of_max(value), age_of_min(value): a moving window's extreme and how many values
ago it was, the newest of equal ones. As in rolling_max the window is searched again
only when the extreme leaves it. State: point(extreme, age).
#}
{% macro create_age_of_extremes() %}
    {%- for name, replaces, is_safe in [
        ('age_of_max', '>=', '<'), ('age_of_min', '<=', '>')
    ] %}
    {%- set step = indicators.function(name ~ '_step') %}
    {%- set step_back = indicators.function(name ~ '_without') %}
    {%- set nothing = '(-Infinity,0)' if name == 'age_of_max' else '(Infinity,0)' %}
    create or replace function {{ step }}(state point, value double precision)
    returns point
    language plpgsql immutable strict parallel safe as $step$
    begin
        if value {{ replaces }} state[0] then
            return point(value, 0);
        end if;
        return point(state[0], state[1] + 1);
    end
    $step$;
    create or replace function {{ step_back }}(state point, value double precision)
    returns point
    language plpgsql immutable strict parallel safe as $step$
    begin
        return case when value {{ is_safe }} state[0] then state end;
    end
    $step$;
    create or replace aggregate {{ indicators.function(name) }}(double precision) (
        sfunc = {{ step }},
        stype = point,
        initcond = '{{ nothing }}',
        msfunc = {{ step }},
        minvfunc = {{ step_back }},
        mstype = point,
        minitcond = '{{ nothing }}'
    );
    {%- endfor %}
{% endmacro %}
