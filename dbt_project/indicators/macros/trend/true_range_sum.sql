{#
Wilder's sum of the true range inside plus_di and minus_di: what both are divided by.
Stored beside them, it lets an increment go on from a stored row.

NULL on the first `period` bars. `resume`: see directional_movement.
#}
{% macro true_range_sum(high, low, close, period=14, resume=none) %}
    {%- do indicators.check_directional_movement(
        'true_range_sum', high, low, close, period, resume
    ) -%}
    {%- set movement = indicators.directional_movement(
        high, low, close, period, resume
    ) -%}
    case
        when {{ high }} + {{ low }} + {{ close }} is not null
            and {{ movement.seen }} > {{ period }}
            then {{ movement.range }}
    end
{%- endmacro %}
