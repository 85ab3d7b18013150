{#
Types that Spark has under another name only: the SQL of models and tests says double
precision, text and timestamptz, and what is sent to Spark is this. (The text that a
model is compiled to keeps their own names; target/run has what was sent.)
#}
{% macro in_dialect(compiled_code) %}
    {% set sent = namespace(code=compiled_code) %}
    {% for ours, theirs in {
        'double precision': 'double', 'text': 'string', 'timestamptz': 'timestamp',
    }.items() %}
        {% set sent.code = modules.re.sub(
            '(?i)\\bas\\s+' ~ ours ~ '(?=\\s*\\))', 'as ' ~ theirs, sent.code
        ) %}
    {% endfor %}
    {{ return(sent.code) }}
{% endmacro %}

{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') %}
    {{ return(dbt.spark__create_table_as(
        temporary, relation, in_dialect(compiled_code), language
    )) }}
{% endmacro %}

{% macro spark__create_view_as(relation, sql) %}
    {{ return(dbt.spark__create_view_as(relation, in_dialect(sql))) }}
{% endmacro %}

{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) %}
    {{ return(dbt.default__get_test_sql(
        in_dialect(main_sql), fail_calc, warn_if, error_if, limit
    )) }}
{% endmacro %}
