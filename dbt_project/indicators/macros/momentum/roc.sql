{#
Rate of change: the price's change over the last `period` bars in percent.

    roc = 100 * (x / x[t - period] - 1)

NULL on the first `period` bars, and where either value is NULL; 0 against a price of
0, as in TA-Lib.
#}
{% macro roc(column, period=10) %}
    {%- do indicators.check_columns('roc', {'column': column}) -%}
    {%- do indicators.check_period('roc', 'period', period) -%}
    {%- set before = indicators.bars_ago(column, period) -%}
    case
        when {{ before }} <> 0 then 100 * ({{ column }} / {{ before }} - 1)
        when {{ column }} is not null and {{ before }} is not null then 0
    end
{%- endmacro %}
