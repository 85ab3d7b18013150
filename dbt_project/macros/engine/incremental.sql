{# Spark builds anew from a snapshot: what is incremental on Postgres is a table. #}
{% materialization incremental, adapter='spark' %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}
