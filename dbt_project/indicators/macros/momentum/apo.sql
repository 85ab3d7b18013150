{#
Absolute price oscillator: how far the fast exponential average is above the slow
one, in dollars; the MACD line by another name.

    apo = ema(fast) - ema(slow)

Exponential averages, each seeded at its own period: TA-Lib's APO with matype=1 (its
default is simple averages). NULL while either average is.
#}
{% macro apo(column, fast=12, slow=26) %}
    {%- do indicators.check_columns('apo', {'column': column}) -%}
    {%- do indicators.check_period('apo', 'fast', fast) -%}
    {%- do indicators.check_period('apo', 'slow', slow, at_least=fast + 1) -%}
    {{ indicators.ema(column, fast) }} - {{ indicators.ema(column, slow) }}
{%- endmacro %}
