{#
rolling_sum(value): the sum over a moving window in one step a row. The value that
leaves is taken away again, where sum() would add up the whole window anew.
#}
{% macro create_rolling_sum() %}
    create or replace aggregate {{ indicators.function('rolling_sum') }}(
        double precision
    ) (
        sfunc = float8pl,
        stype = double precision,
        msfunc = float8pl,
        minvfunc = float8mi,
        mstype = double precision
    );
{% endmacro %}
