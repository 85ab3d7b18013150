{#
Ulcer index (Martin): how deep and how long the price has been below its recent
highs, in percent; a volatility that counts falls only.

    ulcer = sqrt(mean(rolling drawdown^2))

`rolling_drawdown` is the column rolling_drawdown makes, with the same period:

    drawn_down: {{ indicators.rolling_drawdown('close', 14) }} as rolling_drawdown
    then:       {{ indicators.ulcer_index('rolling_drawdown', 14) }}

NULL on the first 2 * period - 2 bars, and while one of the last `period` drawdowns
is NULL.
#}
{% macro ulcer_index(rolling_drawdown, period=14) %}
    {%- do indicators.check_columns(
        'ulcer_index', {'rolling_drawdown': rolling_drawdown}
    ) -%}
    {%- do indicators.check_period('ulcer_index', 'period', period) -%}
    {%- set depth -%}
        sqrt(
            avg({{ rolling_drawdown }} * {{ rolling_drawdown }})
            over {{ indicators.last_bars(period) }}
        )
    {%- endset -%}
    {{ indicators.when_full(rolling_drawdown, period, depth) }}
{%- endmacro %}
