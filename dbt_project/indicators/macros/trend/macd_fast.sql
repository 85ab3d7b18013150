{#
The MACD's fast average, ema(column, fast): read from the state that the signal line
keeps anyway; beside a macd_signal of the same periods it costs nothing.

NULL on the first `fast` - 1 bars. `resume`: see macd_lines.
#}
{% macro macd_fast(column, fast=12, slow=26, signal=9, resume=none) %}
    {%- do indicators.check_macd_lines(
        'macd_fast', column, fast, slow, signal, resume
    ) -%}
    {%- set lines = indicators.macd_lines(column, fast, slow, signal, resume) -%}
    case
        when {{ column }} is not null and {{ lines.seen }} >= {{ fast }}
            then {{ lines.fast }}
    end
{%- endmacro %}
