{#
The strategies that rank all symbols: one symbol's bars are behind another's signals.
While dbt parses, none.
#}
{% macro ranking_strategies() %}
    {% set names = [] %}
    {% for name in strategy_names() if execute %}
        {% set reads = graph.nodes['model.desk.' ~ name].depends_on.nodes %}
        {% if 'model.desk.int_momentum_ranks' in reads %}
            {% do names.append(name) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
