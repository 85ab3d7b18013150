{# The desk's strategies, each a model of that name in models/strategies. #}
{% macro strategy_names() %}
    {{ return(['rsi_reversal', 'sma_cross']) }}
{% endmacro %}
