{#
Simple moving average: where the price stood on average over the last `period`
bars. The slower of two averages is the trend, the faster one the move.

    sma = (x[t - period + 1] + … + x[t]) / period

NULL until `period` values are there, and while one of the last `period` is NULL.
#}
{% macro sma(column, period) %}
    {%- do check_period('sma', 'period', period) -%}
    case
        when count({{ column }}) over {{ last_bars(period) }} = {{ period }}
            then avg({{ column }}) over {{ last_bars(period) }}
    end
{%- endmacro %}
