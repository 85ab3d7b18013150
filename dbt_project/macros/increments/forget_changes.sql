{#
At the end of a run: once every incremental model has taken in the changes, they are
taken off the list. Until then the next run recomputes them again, which does no harm.
The desk's own builds leave a hash of the code they ran, so that other code is noticed.
#}
{% macro forget_changes(results) %}
    {{- adapter.dispatch('forget_changes', 'desk')(results) -}}
{% endmacro %}

{% macro postgres__forget_changes(results) %}
    {%- set bar_changes = source('raw', 'bar_changes') -%}
    {%- set int_changes = ref('int_changes') -%}
    {%- if execute -%}
        {%- set built = results
            | selectattr('status', 'equalto', 'success')
            | map(attribute='node') | map(attribute='unique_id') | list -%}
        {%- set missing = graph.nodes.values()
            | selectattr('config.materialized', 'equalto', 'incremental')
            | map(attribute='unique_id') | reject('in', built) | list -%}
        {%- if not missing -%}
            delete from {{ bar_changes }} as noted
            using {{ int_changes }} as changes
            where noted.change_id = changes.change_id;
            {%- if var('code', none) %}
            comment on schema intermediate is '{{ var('code') }}';
            {%- endif %}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# A build from a snapshot takes in everything. #}
{% macro default__forget_changes(results) %}{% endmacro %}
