{#
Log return: the natural logarithm of the price over the one before. Log returns of
several bars add up.

    log return = ln(x / x[t - 1])

NULL on a symbol's first bar, and where a price is NULL or not above 0.
#}
{% macro log_return(column) %}
    {%- do indicators.check_columns('log_return', {'column': column}) -%}
    {%- set before = indicators.bars_ago(column, 1) -%}
    case
        when {{ column }} > 0 and {{ before }} > 0 then ln({{ column }} / {{ before }})
    end
{%- endmacro %}
