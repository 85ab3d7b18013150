{# Fails on each row for which the expression is false or NULL. #}
{% test expression_is_true(model, expression) %}
select *

from {{ model }}
where ({{ expression }}) is not true
{% endtest %}
