{# After a table is built: what the planner has to know of it at once. #}
{% macro analyze() %}
    {% if model.config.materialized == 'table' %}analyze {{ this }}{% endif %}
{% endmacro %}
