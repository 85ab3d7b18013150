{#
52-week high: the highest high of the last year of bars (`period`: 252), the current
one included. A new one is news, and many buy it.

NULL until `period` bars are there, and while one of them is NULL.
#}
{% macro high_52_weeks(high, period=252) %}
    {%- do indicators.check_columns('high_52_weeks', {'high': high}) -%}
    {%- do indicators.check_period('high_52_weeks', 'period', period) -%}
    {{ indicators.rolling_max(high, period) }}
{%- endmacro %}
