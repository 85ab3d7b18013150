{#
Beta: by how much the symbol usually moves when the benchmark moves by 1; the slope
of its returns over the benchmark's, over the last `period` bars. 1.5 falls 3 % when
the market falls 2 %.

    beta = covariance(returns, benchmark) / variance(benchmark)

Both columns are returns. The benchmark's bars are joined to the symbol's by date:

    joined:   select bars.*, market.close as benchmark
              from bars left join bars as market
              on market.symbol = 'SPY' and market.bar_date = bars.bar_date
    returned: {{ indicators.simple_return('close') }} as daily_return,
              {{ indicators.simple_return('benchmark') }} as benchmark_return
    then:     {{ indicators.beta('daily_return', 'benchmark_return', 252) }}

NULL until `period` pairs are there, and while one value of the last `period` pairs
is NULL; 0 when the benchmark's returns were the same all along, as in TA-Lib.
#}
{% macro beta(column, benchmark, period=252) %}
    {%- do indicators.check_columns(
        'beta', {'column': column, 'benchmark': benchmark}
    ) -%}
    {%- do indicators.check_period('beta', 'period', period, at_least=2) -%}
    {%- set slope -%}
        case
            when {{ indicators.varied_in_last(benchmark, period) }}
                then regr_slope({{ column }}, {{ benchmark }})
                    over {{ indicators.last_bars(period) }}
            else 0
        end
    {%- endset -%}
    {{ indicators.when_full([column, benchmark], period, slope) }}
{%- endmacro %}
