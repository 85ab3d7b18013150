{# What makes a series of rows: one symbol's bars, in the order of their sessions. #}
{% macro series() -%}
    partition by {{ indicators.variable('symbol', 'symbol') }}
    order by {{ indicators.variable('session', 'bar_date') }}
{%- endmacro %}
