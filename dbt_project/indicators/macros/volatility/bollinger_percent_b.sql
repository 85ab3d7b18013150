{#
Bollinger %B: where the price stands between the bands, 0 on the lower, 1 on the
upper, beyond either outside.

    percent_b = (x - lower) / (upper - lower)

NULL until `period` values are there, while one of the last `period` is NULL, and
when the bands have no width.
#}
{% macro bollinger_percent_b(column, period=20, deviations=2) %}
    {%- do indicators.check_columns('bollinger_percent_b', {'column': column}) -%}
    {%- do indicators.check_period('bollinger_percent_b', 'period', period) -%}
    {%- do indicators.check_number(
        'bollinger_percent_b', 'deviations', deviations
    ) -%}
    0.5 + ({{ column }} - {{ indicators.sma(column, period) }}) / nullif(
        {{ 2 * deviations }} * {{ indicators.deviation_of_last(column, period) }}, 0
    )
{%- endmacro %}
