{# A short hash of the strategy's own code: it changes when the model does. #}
{% macro strategy_version() -%}
    {{ local_md5(model.raw_code)[:12] }}
{%- endmacro %}
