{#
Correlation (Pearson's), -1 to 1: how much two series of returns went the same way
over the last `period` bars; near 0 a symbol moves on its own.

    correlation = covariance(returns, benchmark) / (deviation * benchmark's deviation)

The benchmark's bars are joined to the symbol's by date before, and both columns are
returns (simple_return or log_return), see beta.

NULL until `period` pairs are there, and while one value of the last `period` pairs
is NULL; 0 when either column was the same all along, as in TA-Lib.
#}
{% macro correlation(column, benchmark, period=60) %}
    {%- do indicators.check_columns(
        'correlation', {'column': column, 'benchmark': benchmark}
    ) -%}
    {%- do indicators.check_period('correlation', 'period', period, at_least=2) -%}
    {%- set correlation -%}
        case
            when {{ indicators.varied_in_last(column, period) }}
                and {{ indicators.varied_in_last(benchmark, period) }}
                then corr({{ column }}, {{ benchmark }})
                    over {{ indicators.last_bars(period) }}
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full([column, benchmark], period, correlation) }}
{%- endmacro %}

{# Whether the last returns differ by more than the rounding of prices. #}
{% macro varied_in_last(column, period) -%}
    stddev_pop({{ column }}) over {{ indicators.last_bars(period) }}
    > cast(1e-12 as double precision)
{%- endmacro %}
