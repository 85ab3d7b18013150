{#
average + alpha * (value - average) over a symbol's bars, started by the mean of the
first `period` values; NULL before it and where the value is NULL, which is passed
over. Base of ema and rma.

`resume`: a column that is NULL but on one row, where it is the average stored
earlier; the rows after it go on from there.
#}
{% macro recursive_average(column, period, alpha, resume=none) %}
    {{- adapter.dispatch('recursive_average', 'indicators')(
        column, period, alpha, resume
    ) -}}
{% endmacro %}

{% macro postgres__recursive_average(column, period, alpha, resume) -%}
    {%- set state -%}
        ({{ indicators.function('recursive_average') }}(
            {{ column }},
            {{ period }},
            cast({{ alpha }} as double precision)
            {%- if resume %}, {{ resume }}{% endif %}
        ) over {{ indicators.bars_so_far() }})
    {%- endset -%}
    case
        when {{ column }} is not null and {{ state }}[0] >= {{ period }}
            then {{ state }}[1]
    end
{%- endmacro %}

{% macro default__recursive_average(column, period, alpha, resume) %}
    {% do indicators.stop_here('recursive_average') %}
{% endmacro %}
