{#
True on the bar on which `left` stands above `right` after a bar on which it did
not; the field's crossover.

    left > right and previous left <= previous right

`left` and `right`: see operand. While any of the values is NULL there is no cross.
Gives a rule (see rules.sql).
#}
{% macro crosses_above(left, right) %}
    {{ return(cross_rule('crosses_above', left, '>', right, '<=')) }}
{% endmacro %}
