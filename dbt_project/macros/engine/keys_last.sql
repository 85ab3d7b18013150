{#
On Postgres a model's keys are added to its finished table: an index that is sorted at
once takes half the time of one that grows row by row.
#}
{% macro postgres__create_table_as(temporary, relation, sql) %}
    {{- dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- set keys = model_keys() -%}
    {%- if keys and not temporary and config.get('contract').enforced %}
    alter table {{ relation }} add {{ keys | join(', add ') }};
    {%- endif -%}
{% endmacro %}

{# What stands in `create table`: dbt's own, without the keys. #}
{% macro postgres__get_table_columns_and_constraints() %}
    {%- set columns = {} -%}
    {%- for name, column in model.columns.items() -%}
        {%- do columns.update({name: dict(column, constraints=without_keys(column))}) -%}
    {%- endfor -%}
    (
        {{ (
            adapter.render_raw_columns_constraints(columns)
            + adapter.render_raw_model_constraints(without_keys(model))
        ) | join(',\n        ') }}
    )
{% endmacro %}

{# A model's keys as constraints of its table, those of a column included. #}
{% macro model_keys() %}
    {% set keys = model.constraints | selectattr('type', 'in', key_types()) | list %}
    {% for name, column in model.columns.items() %}
        {% for key in column.constraints if key.type in key_types() %}
            {% do keys.append(dict(key, columns=[name])) %}
        {% endfor %}
    {% endfor %}
    {{ return(adapter.render_raw_model_constraints(keys)) }}
{% endmacro %}

{% macro without_keys(constrained) %}
    {{ return(constrained.constraints | rejectattr('type', 'in', key_types()) | list) }}
{% endmacro %}

{% macro key_types() %}{{ return(['primary_key', 'unique']) }}{% endmacro %}
