{#
The relation of the symbols to recompute; for dbt to know of it while it parses, and
in increments. A full build (and a unit test) goes without.
#}
{% macro changed_symbols() %}
    {% if not execute or is_increment() %}
        {{ return(ref('int_changed_symbols')) }}
    {% endif %}
{% endmacro %}
