{# What a sweep runs, one statement after each heading (see flows/sweep.py). #}
{% macro sweep_statements() %}
-- statement: version
{{ strategy_version(strategy_name()) }}
-- statement: fingerprint
{{ data_fingerprint('symbol = any(%(symbols)s)') }}
-- statement: first_of_each_run
{{ create_first_of_each_run() }}
-- statement: account_trades
{{ create_account_trades() }}
-- statement: trades
{{ sweep_trades() }}
{% endmacro %}

{# The same for DuckDB (see flows/sweep_duckdb.py), and the models it reads. #}
{% macro sweep_statements_on_duckdb() %}
-- statement: models
int_bars {{ models_of(swept_operands()) | join(' ') }}
-- statement: trades
{{ sweep_trades_on_duckdb() }}
{% endmacro %}

{# What the rules of all points look at. #}
{% macro swept_operands() %}
    {% set operands = [] %}
    {% for point in model.swept_rules %}
        {% do operands.extend(point.buy.operands + point.sell.operands) %}
    {% endfor %}
    {{ return(operands) }}
{% endmacro %}
