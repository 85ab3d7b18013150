{#
Heikin-ashi close: the mean of the bar's four prices.

    ha_close = (open + high + low + close) / 4

NULL where a price of the bar is NULL.
#}
{% macro heikin_ashi_close(open, high, low, close) %}
    {%- do indicators.check_heikin_ashi(
        'heikin_ashi_close', open, high, low, close
    ) -%}
    ({{ open }} + {{ high }} + {{ low }} + {{ close }}) / cast(4 as double precision)
{%- endmacro %}
