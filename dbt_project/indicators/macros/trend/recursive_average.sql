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

{% macro default__recursive_average(column, period, alpha, resume) -%}
    {%- set name = indicators.walk_name('average', column, period, alpha) -%}
    {%- set parts = indicators.walk_parts(name, ['seen', 'value']) -%}
    {%- set walk = indicators.note_walk(name, [column], {
        'seen': [0, 'least(' ~ parts.seen ~ ' + 1, ' ~ period ~ ')', 'integer'],
        'value': [0, indicators.average_step(
            parts.seen, parts.value, column, period, alpha
        )],
    }) -%}
    case
        when {{ column }} is not null and {{ walk.seen }} >= {{ period }}
            then {{ walk.value }}
    end
{%- endmacro %}

{# A recursive average after a value, `seen` values were before it. #}
{% macro average_step(seen, average, value, period, alpha) -%}
    case
        when {{ seen }} >= {{ period }}
            then {{ average }}
            + cast('{{ alpha }}' as double precision) * ({{ value }} - {{ average }})
        when {{ seen }} = {{ period - 1 }} then ({{ average }} + {{ value }}) / {{ period }}
        else {{ average }} + {{ value }}
    end
{%- endmacro %}
