{#
True range: how far the price really travelled since the last close, a gap
overnight included.

    true range = max(high - low, |high - close[t - 1]|, |low - close[t - 1]|)

NULL on a symbol's first bar, which has no close before it, and where
a price it needs is NULL.
#}
{% macro true_range(high, low, close) -%}
    {%- do indicators.check_columns(
        'true_range', {'high': high, 'low': low, 'close': close}
    ) -%}
    {%- set before = indicators.bars_ago(close, 1) -%}
    case
        when {{ high }} + {{ low }} + {{ before }} is not null
            then greatest({{ high }}, {{ before }}) - least({{ low }}, {{ before }})
    end
{%- endmacro %}
