{#
average + alpha * (value - average) over a symbol's bars, started by the first
value that is not NULL; NULL before it. Base of ema and rma.
#}
{% macro recursive_average(column, alpha) %}
    {{- adapter.dispatch('recursive_average', 'desk')(column, alpha) -}}
{% endmacro %}

{% macro postgres__recursive_average(column, alpha) -%}
    intermediate.ema({{ column }}, cast({{ alpha }} as double precision)) over (
        partition by symbol
        order by bar_date
        rows between unbounded preceding and current row
    )
{%- endmacro %}
