{#
Money flow: typical price times volume, positive when the typical price rose since
the bar before, negative when it fell, 0 when it stayed. mfi sums it.

Two typical prices that differ by rounding only are the same, as in TA-Lib. NULL on a
symbol's first bar, and where a column is NULL.
#}
{% macro money_flow(high, low, close, volume) %}
    {%- do indicators.check_columns('money_flow', {
        'high': high, 'low': low, 'close': close, 'volume': volume
    }) -%}
    {%- set price = indicators.typical_price(high, low, close) -%}
    {%- set before = indicators.bars_ago(price, 1) -%}
    case
        when abs({{ price }} - {{ before }})
            < cast(1e-14 as double precision) * ({{ price }} + {{ before }})
            then 0
        else sign({{ price }} - {{ before }}) * {{ price }}
    end * {{ volume }}
{%- endmacro %}
