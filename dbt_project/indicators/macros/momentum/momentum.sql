{#
Momentum: the price's change over the last `period` bars, in dollars.

    momentum = x - x[t - period]

NULL on the first `period` bars, and where either value is NULL.
#}
{% macro momentum(column, period=10) %}
    {%- do indicators.check_columns('momentum', {'column': column}) -%}
    {%- do indicators.check_period('momentum', 'period', period) -%}
    {{ column }} - {{ indicators.bars_ago(column, period) }}
{%- endmacro %}
