{#
True on the bar on which `left` stands above `right` after a bar on which it did
not; the field's crossover.

    left > right and previous left <= previous right

`left` is one of the known values, `right` another or a number. While any of the
values is NULL there is no cross. Gives what the strategy macro needs: the
condition and the data that explains it.
#}
{% macro crosses_above(left, right) %}
    {{ return(cross('above', left, '>', right, '<=')) }}
{% endmacro %}
