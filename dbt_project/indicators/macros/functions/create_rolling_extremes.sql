{#
rolling_max(value), rolling_min(value): the extreme of a moving window. Only when the
extreme itself leaves (the step back gives NULL) is the window searched again, which
is rare unless prices move one way for the whole window.
#}
{% macro create_rolling_extremes() %}
    {%- for name, wider, is_safe in [
        ('rolling_max', 'float8larger', '<'), ('rolling_min', 'float8smaller', '>')
    ] %}
    create or replace function {{ indicators.function(name) }}_without(
        extreme double precision, value double precision
    )
    returns double precision
    language plpgsql immutable strict parallel safe as $step$
    begin
        return case when value {{ is_safe }} extreme then extreme end;
    end
    $step$;
    create or replace aggregate {{ indicators.function(name) }}(double precision) (
        sfunc = {{ wider }},
        stype = double precision,
        msfunc = {{ wider }},
        minvfunc = {{ indicators.function(name) }}_without,
        mstype = double precision
    );
    {%- endfor %}
{% endmacro %}
