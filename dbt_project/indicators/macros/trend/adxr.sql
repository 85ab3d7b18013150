{#
Average directional index rating: adx evened out with what it was some bars ago.
`adx` is the column that adx makes in a common table expression before:

    first:  {{ indicators.adx('high', 'low', 'close', 14) }} as adx_14
    then:   {{ indicators.adxr('adx_14', 14) }}

    adxr = (adx + adx[t - period + 1]) / 2

The lag is TA-Lib's; others look `period` bars back. NULL where either adx is.
#}
{% macro adxr(adx, period=14) %}
    {%- do indicators.check_columns('adxr', {'adx': adx}) -%}
    {%- do indicators.check_period('adxr', 'period', period) -%}
    ({{ adx }} + {{ indicators.bars_ago(adx, period - 1) }}) / 2
{%- endmacro %}
