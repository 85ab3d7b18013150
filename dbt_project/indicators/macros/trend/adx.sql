{#
Average directional index, 0 to 100: how strong the trend is, whichever way; above
25 is called a trend.

    adx = rma(dx)

TA-Lib's: see plus_di. NULL on the first 2 * period - 1 bars. A bar without any
movement keeps the value before it. `resume`: see directional_movement.
#}
{% macro adx(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_directional_movement(
        'adx', high, low, close, period, resume
    ) -%}
    {%- set movement = indicators.directional_movement(
        high, low, close, period, resume
    ) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and {{ movement.seen }} >= {{ 2 * period }}
            then {{ movement.adx }}
    end
{%- endmacro %}
