{#
Before a strategy's own code is rendered with the parameters of one point of a sweep:
from here on parameters() gives those, and strategy() only keeps its rules in
model.swept_rules, of the first `count` points. So a sweep's rules, ranges and messages
are the model's own.
#}
{% macro sweep_point(name, point, count) %}
    {% do model.update({
        'unique_id': 'model.desk.' ~ name,
        'original_file_path': 'models/strategies/' ~ name ~ '.sql',
        'swept_point': point,
        'swept_count': count,
        'swept_rules': model.swept_rules or [],
    }) %}
{% endmacro %}

{# What strategy() does in a sweep instead of giving SQL. #}
{% macro keep_swept_rules(buy, sell, parameters) %}
    {% if parameters.has_shorts %}
        {{ bad_strategy("a sweep trades long only, and it declares has_shorts") }}
    {% endif %}
    {% if model.swept_rules | length < model.swept_count %}
        {% do model.swept_rules.append(
            {'buy': buy, 'sell': sell, 'parameters': parameters}
        ) %}
    {% endif %}
{% endmacro %}
