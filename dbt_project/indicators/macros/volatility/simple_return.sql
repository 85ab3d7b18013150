{#
Simple return: the price's change since the bar before, as a share of it; 0.01 is
1 %. What a position earned.

    simple return = x / x[t - 1] - 1

NULL on a symbol's first bar, where either price is NULL, and against a price of 0.
#}
{% macro simple_return(column) %}
    {%- do indicators.check_columns('simple_return', {'column': column}) -%}
    {{ column }} / nullif({{ indicators.bars_ago(column, 1) }}, 0) - 1
{%- endmacro %}
