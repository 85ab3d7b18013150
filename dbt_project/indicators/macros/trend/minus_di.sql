{#
Minus directional indicator, 0 to 100: how much of the price's range went into new
downward ground. Minus_di above the other one: the down side leads.

    minus_di = 100 * smoothed downward movement / smoothed true range

TA-Lib's: Wilder's sums start with period - 1 changes. NULL on the first `period`
bars; 0 when the price has no range. `resume`: see directional_movement.
#}
{% macro minus_di(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_directional_movement(
        'minus_di', high, low, close, period, resume
    ) -%}
    {%- set movement = indicators.directional_movement(
        high, low, close, period, resume
    ) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is null
            or {{ movement.seen }} <= {{ period }}
            then null
        when {{ movement.range }} > 0
            then 100 * ({{ movement.minus }} / {{ movement.range }})
        else 0
    end
{%- endmacro %}
