{#
52-week low: the lowest low of the last year of bars (`period`: 252), the current one
included.

NULL until `period` bars are there, and while one of them is NULL.
#}
{% macro low_52_weeks(low, period=252) %}
    {%- do indicators.check_columns('low_52_weeks', {'low': low}) -%}
    {%- do indicators.check_period('low_52_weeks', 'period', period) -%}
    {{ indicators.rolling_min(low, period) }}
{%- endmacro %}
