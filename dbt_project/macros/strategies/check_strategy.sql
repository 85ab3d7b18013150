{# Stops the build on a strategy that can't work; gives its parameters. #}
{% macro check_strategy(buy, sell, given) %}
    {% for side, rule in {'buy': buy, 'sell': sell}.items() %}
        {% if rule is not mapping or not rule.condition %}
            {{ bad_strategy(
                "there is no " ~ side ~ " rule; give one, such as " ~ side
                ~ "=crosses_above('close', 'sma_200')"
            ) }}
        {% endif %}
    {% endfor %}
    {% if strategy_name() == 'buy_and_hold' %}
        {{ bad_strategy("buy_and_hold is the benchmark; give it another name") }}
    {% endif %}
    {% if buy.condition == sell.condition %}
        {{ bad_strategy("buys and sells by the same rule: " ~ buy.rule) }}
    {% endif %}
    {% if model.resource_type == 'model' and strategy_name() not in strategy_names() %}
        {{ bad_strategy(
            "the strategy is not listed under vars: strategies in dbt_project.yml"
        ) }}
    {% endif %}
    {{ return(parameters() if given is none else given) }}
{% endmacro %}
