{#
The exponential average, its own average, and that one's, at each bar; an array (see
create_chained_averages). dema, tema and trix read it, and Postgres computes it once
for all of one period.
#}
{% macro chained_averages(column, period) %}
    {{- adapter.dispatch('chained_averages', 'indicators')(column, period) -}}
{% endmacro %}

{% macro postgres__chained_averages(column, period) -%}
    ({{ indicators.function('chained_averages') }}(
        {{ column }}, {{ period }}
    ) over {{ indicators.bars_so_far() }})
{%- endmacro %}

{% macro default__chained_averages(column, period) %}
    {% do indicators.stop_here('chained_averages') %}
{% endmacro %}
