{# True while `left` is above `right`. Arguments and NULL rule as in crosses_above. #}
{% macro above(left, right) %}
    {{ return(comparison_rule('above', left, '>', right)) }}
{% endmacro %}
