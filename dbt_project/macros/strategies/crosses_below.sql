{#
True on the bar on which `left` stands below `right` after a bar on which it did
not; the field's crossunder.

    left < right and previous left >= previous right

Arguments and NULL rule as in crosses_above.
#}
{% macro crosses_below(left, right) %}
    {{ return(cross_rule('crosses_below', left, '<', right, '>=')) }}
{% endmacro %}
