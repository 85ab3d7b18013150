{# The desk's strategies, each a model of that name in models/strategies. #}
{% macro strategy_names() %}
    {{ return(declared_strategies() | list) }}
{% endmacro %}
