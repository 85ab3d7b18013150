{# After a table is built: what the planner has to know of it at once. #}
{% macro analyze() %}
    {{- adapter.dispatch('analyze', 'desk')() -}}
{% endmacro %}

{% macro postgres__analyze() %}
    {% if model.config.materialized == 'table' %}analyze {{ this }}{% endif %}
{% endmacro %}

{# Others count as they write, or need not know. #}
{% macro default__analyze() %}{% endmacro %}
