{#
Directional movement index, 0 to 100: how one-sided the movement is, whichever way.

    dx = 100 * |plus_di - minus_di| / (plus_di + minus_di)

NULL on the first `period` bars; a bar without any movement keeps the value before
it, 0 at the start. `resume`: see directional_movement.
#}
{% macro dx(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_directional_movement(
        'dx', high, low, close, period, resume
    ) -%}
    {%- set movement = indicators.directional_movement(
        high, low, close, period, resume
    ) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and {{ movement.seen }} > {{ period }}
            then {{ movement.dx }}
    end
{%- endmacro %}
