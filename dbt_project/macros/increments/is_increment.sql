{#
Whether a model only recomputes what changed: not in a full build, not while dbt
parses, and not in a unit test, where there is no table to go on from.
#}
{% macro is_increment() %}
    {{ return(execute and model.resource_type == 'model' and is_incremental()) }}
{% endmacro %}
