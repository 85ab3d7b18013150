{#
MACD line: how far the fast exponential average has run ahead of the slow one.
Above zero the move is up; its ema over 9 bars is the signal line, and the distance
between the two (the histogram) shows the move gain or lose pace.

    macd = ema(fast) - ema(slow)

"Classic": each average is seeded at its own period, so both are the ema columns one
sees (TA-Lib starts both at the slow one's first bar; the difference is gone after
about a hundred bars). NULL while either average is. `resume`: the columns of the
stored fast and slow averages, see recursive_average.
#}
{% macro macd(column, fast=12, slow=26, resume=none) %}
    {%- do indicators.check_columns('macd', {'column': column}) -%}
    {%- do indicators.check_period('macd', 'fast', fast) -%}
    {%- do indicators.check_period('macd', 'slow', slow, at_least=fast + 1) -%}
    {%- do indicators.check_resume('macd', resume, 2) -%}
    {%- set stored = resume or [none, none] -%}
    {{ indicators.ema(column, fast, stored[0]) }}
    - {{ indicators.ema(column, slow, stored[1]) }}
{%- endmacro %}
