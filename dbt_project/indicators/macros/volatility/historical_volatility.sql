{#
Historical volatility: the standard deviation of the last `period` log returns, the
sample's (divided by period - 1), scaled to a year of `bars_per_year` bars; 0.2 is
20 % a year. `column` is log_return's.

    volatility = stddev_samp(log returns) * sqrt(bars_per_year)

NULL on the first `period` bars, and while one of the last `period` returns is NULL.
#}
{% macro historical_volatility(column, period=20, bars_per_year=252) %}
    {%- do indicators.check_columns('historical_volatility', {'column': column}) -%}
    {%- do indicators.check_period(
        'historical_volatility', 'period', period, at_least=2
    ) -%}
    {%- do indicators.check_number(
        'historical_volatility', 'bars_per_year', bars_per_year
    ) -%}
    {%- set deviation -%}
        stddev_samp({{ column }}) over {{ indicators.last_bars(period) }}
        * sqrt(cast({{ bars_per_year }} as double precision))
    {%- endset -%}
    {{ indicators.when_full(column, period, deviation) }}
{%- endmacro %}
