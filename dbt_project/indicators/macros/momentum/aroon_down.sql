{#
Aroon down, 0 to 100: 100 on a new low of `period` bars and down to 0 as it grows old.
Above 70 the down side is fresh.

    aroon_down = 100 * (period - bars since the lowest low) / period

Over `period` + 1 bars, the newest of equal lows, as in TA-Lib. NULL on the first
`period` bars, and while one of the lows is NULL.
#}
{% macro aroon_down(low, period=14) %}
    {%- do indicators.check_columns('aroon_down', {'low': low}) -%}
    {%- do indicators.check_period('aroon_down', 'period', period) -%}
    {%- set age = indicators.bars_since_extreme('min', low, period + 1) -%}
    {{ indicators.when_full(
        low, period + 1, '100 * (' ~ period ~ ' - ' ~ age ~ ') / ' ~ period
    ) }}
{%- endmacro %}
