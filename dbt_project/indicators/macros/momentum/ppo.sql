{#
Percentage price oscillator: how far the fast exponential average is above the slow
one, in percent of it, so that symbols of different prices compare.

    ppo = 100 * (ema(fast) - ema(slow)) / ema(slow)

Exponential averages, each seeded at its own period: TA-Lib's PPO with matype=1 (its
default is simple averages). NULL while either average is; 0 for a slow average of 0,
as in TA-Lib.
#}
{% macro ppo(column, fast=12, slow=26) %}
    {%- do indicators.check_columns('ppo', {'column': column}) -%}
    {%- do indicators.check_period('ppo', 'fast', fast) -%}
    {%- do indicators.check_period('ppo', 'slow', slow, at_least=fast + 1) -%}
    {%- set slow_average = indicators.ema(column, slow) -%}
    case
        when {{ slow_average }} = 0 then 0
        else 100 * ({{ indicators.ema(column, fast) }} - {{ slow_average }})
            / {{ slow_average }}
    end
{%- endmacro %}
