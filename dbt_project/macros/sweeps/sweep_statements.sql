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

{# The same for DuckDB (see flows/sweep_duckdb.py), and what it reads: models' columns. #}
{% macro sweep_statements_on_duckdb() %}
{% set known = known_values() %}
{% set columns = swept_operands()
    | map(attribute='column') | select('in', known) | unique | list %}
-- statement: columns
int_bars symbol bar_date bar_number open high low close volume close_as_traded cumulative_factor split_factor
{%- for name in models_of(swept_operands()) %}
{{ name }} symbol bar_date
{%- for column in columns if known[column].model == name %} {{ column }}{% endfor %}
{%- endfor %}
-- statement: bars
{{ sweep_bars_on_duckdb() }}
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
