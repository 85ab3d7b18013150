{# True while `left` is below `right`. Arguments and NULL rule as in crosses_above. #}
{% macro below(left, right) %}
    {{ return(comparison_rule('below', left, '<', right)) }}
{% endmacro %}
