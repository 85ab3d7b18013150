{#
At the start of a run on Spark: the tables of a snapshot, as views of its files. Other
engines find them by themselves.
#}
{% macro create_sources() %}
    {{- adapter.dispatch('create_sources', 'desk')() -}}
{% endmacro %}

{% macro default__create_sources() %}{% endmacro %}

{% macro spark__create_sources() %}
    {%- if execute -%}
        {%- do run_query('create schema if not exists raw') -%}
        {%- for table in ('raw_prices', 'raw_price_revisions', 'corporate_actions') -%}
            {%- do run_query(
                'create or replace view raw.' ~ table ~ ' as select * from parquet.`'
                ~ env_var('SPARK_SNAPSHOT', '.desk/snapshot') ~ '/' ~ table ~ '`'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}
