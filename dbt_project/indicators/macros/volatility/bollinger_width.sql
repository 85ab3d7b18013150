{#
Bollinger band width: the distance between the bands as a share of the middle one.
A narrow one (a squeeze) often comes before a move.

    width = (upper - lower) / middle

NULL until `period` values are there, while one of the last `period` is NULL, and
for an average of 0.
#}
{% macro bollinger_width(column, period=20, deviations=2) %}
    {%- do indicators.check_columns('bollinger_width', {'column': column}) -%}
    {%- do indicators.check_period('bollinger_width', 'period', period) -%}
    {%- do indicators.check_number('bollinger_width', 'deviations', deviations) -%}
    {{ 2 * deviations }} * {{ indicators.deviation_of_last(column, period) }}
    / nullif({{ indicators.sma(column, period) }}, 0)
{%- endmacro %}
