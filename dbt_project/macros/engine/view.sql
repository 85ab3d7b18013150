{#
Views are replaced where they stand, in one statement: nobody ever finds one missing,
and the views over it stay. dbt's own materialization makes a second one, swaps their
names and drops the old one with all that reads it. Where the columns have changed
Postgres can't replace a view; then that is still done.
#}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing and not existing.is_view -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ replace_view(target_relation, create_view_as(target_relation, sql)) }}
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=True) -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro replace_view(relation, create_view) -%}
    do $replace_view$
    begin
        {{ create_view | replace('create view', 'create or replace view', 1) }}
    exception when invalid_table_definition then
        drop view {{ relation }} cascade;
        {{ create_view }}
    end
    $replace_view$
{%- endmacro %}
