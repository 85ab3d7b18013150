{#
Stops the compilation where a macro has no form for the engine in use: better than SQL
that fails there, or means something else.
#}
{% macro check_engine(macro_name) %}
    {% set macros = indicators.macros_here() %}
    {% if execute and macros is not none and macro_name not in macros %}
        {% do indicators.stop_here(macro_name) %}
    {% endif %}
{% endmacro %}

{# The macros there are on this engine; none: all. #}
{% macro macros_here() %}
    {{ return(adapter.dispatch('macros_here', 'indicators')()) }}
{% endmacro %}

{% macro default__macros_here() %}
    {{ return(none) }}
{% endmacro %}

{#
What the desk stores and what its strategies may ask for. Each is compared with
Postgres' values by tests/dbt/test_duckdb_macros.py and test_spark.py.
#}
{% macro duckdb__macros_here() %}
    {{ return([
        'ad_line', 'adx', 'atr', 'average_gain', 'average_loss', 'bollinger',
        'bollinger_percent_b', 'bollinger_width', 'chaikin_money_flow', 'cmo',
        'donchian_lower', 'donchian_upper', 'drawdown', 'ema', 'force',
        'historical_volatility', 'log_return', 'macd', 'macd_fast', 'macd_signal',
        'macd_slow', 'mfi', 'minus_di', 'momentum', 'money_flow', 'money_flow_volume',
        'natr', 'obv', 'peak', 'plus_di', 'roc', 'rolling_max', 'rolling_min',
        'rolling_sum', 'rsi', 'sma', 'standard_deviation', 'stochastic_fast_k',
        'trima', 'true_range_sum', 'typical_price', 'vwap', 'williams_r',
    ]) }}
{% endmacro %}

{% macro spark__macros_here() %}
    {{ return(indicators.duckdb__macros_here()) }}
{% endmacro %}

{# The message; quiet while dbt parses, as models that are switched off are parsed. #}
{% macro stop_here(macro_name) %}
    {% if execute %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": not to be had on " ~ target.type
            ~ "; build it on postgres, or see docs/engines.md"
        ) %}
    {% endif %}
{% endmacro %}
