{#
Aroon oscillator, -100 to 100: which is newer, the high or the low of the last bars.

    aroon_oscillator = aroon_up - aroon_down

NULL on the first `period` bars, and while a high or low of them is NULL.
#}
{% macro aroon_oscillator(high, low, period=14) %}
    {%- do indicators.check_columns('aroon_oscillator', {'high': high, 'low': low}) -%}
    {%- do indicators.check_period('aroon_oscillator', 'period', period) -%}
    {{ indicators.aroon_up(high, period) }}
    - {{ indicators.aroon_down(low, period) }}
{%- endmacro %}
