{#
Ichimoku conversion line (tenkan-sen): the middle of the last bars' range, the quick
line. Its crossing the base line is the sign to act on.

    conversion = (highest high + lowest low) / 2

NULL until `period` bars are there, and while a high or low of them is NULL.
#}
{% macro ichimoku_conversion(high, low, period=9) %}
    {%- do indicators.check_columns(
        'ichimoku_conversion', {'high': high, 'low': low}
    ) -%}
    {%- do indicators.check_period('ichimoku_conversion', 'period', period) -%}
    {{ indicators.ichimoku_line(high, low, period) }}
{%- endmacro %}
