{#
MACD signal line: the MACD line's own exponential average. The line crossing it is
the usual sign that a move has turned.

    macd_signal = ema(macd(fast, slow), signal)

NULL until `signal` values of the MACD line are there; the first is their mean.
`resume`: see macd_lines.
#}
{% macro macd_signal(column, fast=12, slow=26, signal=9, resume=none) %}
    {%- do indicators.check_macd_lines(
        'macd_signal', column, fast, slow, signal, resume
    ) -%}
    {%- set lines = indicators.macd_lines(column, fast, slow, signal, resume) -%}
    case
        when {{ column }} is not null and {{ lines.seen }} >= {{ slow + signal - 1 }}
            then {{ lines.signal }}
    end
{%- endmacro %}
