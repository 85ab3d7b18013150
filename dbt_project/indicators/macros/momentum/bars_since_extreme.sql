{#
How many bars ago the highest (`extreme='max'`) or lowest (`'min'`) of the last
`period` values was, 0 for the current one; of equal ones the newest counts. Base of
the aroon macros. Full window or not.
#}
{% macro bars_since_extreme(extreme, column, period) -%}
    {{- adapter.dispatch('bars_since_extreme', 'indicators')(
        extreme, column, period
    ) -}}
{%- endmacro %}

{% macro postgres__bars_since_extreme(extreme, column, period) -%}
    ({{ indicators.function('age_of_' ~ extreme) }}({{ column }})
    over {{ indicators.last_bars(period) }})[1]
{%- endmacro %}

{% macro default__bars_since_extreme(extreme, column, period) %}
    {% do indicators.stop_here('bars_since_extreme') %}
{% endmacro %}
