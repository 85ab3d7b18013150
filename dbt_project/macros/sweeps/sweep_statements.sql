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
