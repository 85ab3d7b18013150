{# Every strategy and the benchmark: one row per strategy. #}
{% macro all_strategies() %}
    select strategy

    from (
        values
        ('buy_and_hold')
        {%- for strategy_name in strategy_names() %}, ('{{ strategy_name }}')
        {%- endfor %}
    ) as names (strategy)
{% endmacro %}
