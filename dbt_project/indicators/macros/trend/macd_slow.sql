{#
The MACD's slow average, ema(column, slow): read from the state that the signal line
keeps anyway; beside a macd_signal of the same periods it costs nothing.

NULL on the first `slow` - 1 bars. `resume`: see macd_lines.
#}
{% macro macd_slow(column, fast=12, slow=26, signal=9, resume=none) %}
    {%- do indicators.check_macd_lines(
        'macd_slow', column, fast, slow, signal, resume
    ) -%}
    {%- set lines = indicators.macd_lines(column, fast, slow, signal, resume) -%}
    case
        when {{ column }} is not null and {{ lines.seen }} >= {{ slow }}
            then {{ lines.slow }}
    end
{%- endmacro %}
