{#
In an increment: the column that holds what the last build stored, on the bar before
a symbol's first changed one (see bars_to_compute); none in a full build.
#}
{% macro stored(column) %}
    {{ return('stored_' ~ column if is_increment() else none) }}
{% endmacro %}
