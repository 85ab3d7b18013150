{#
The relation of the symbols to recompute; for dbt to know of it while it parses, and
in increments. A full build (and a unit test) goes without, and so do engines that
have no other kind.
#}
{% macro changed_symbols() %}
    {% if is_increment() or not execute and target.type == 'postgres' %}
        {{ return(ref('int_changed_symbols')) }}
    {% endif %}
{% endmacro %}
