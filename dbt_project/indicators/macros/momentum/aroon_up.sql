{#
Aroon up, 0 to 100: 100 on a new high of `period` bars and down to 0 as it grows old.
Above 70 the up side is fresh.

    aroon_up = 100 * (period - bars since the highest high) / period

Over `period` + 1 bars, the newest of equal highs, as in TA-Lib. NULL on the first
`period` bars, and while one of the highs is NULL.
#}
{% macro aroon_up(high, period=14) %}
    {%- do indicators.check_columns('aroon_up', {'high': high}) -%}
    {%- do indicators.check_period('aroon_up', 'period', period) -%}
    {%- set age = indicators.bars_since_extreme('max', high, period + 1) -%}
    {{ indicators.when_full(
        high, period + 1, '100 * (' ~ period ~ ' - ' ~ age ~ ') / ' ~ period
    ) }}
{%- endmacro %}
