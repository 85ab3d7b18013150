{#
A short hash of a strategy's own code: it changes when the model does, not with its
parameters. Without a name, of the model that asks; while dbt parses, nothing.
#}
{% macro strategy_version(name=none) -%}
    {%- if name is none -%}
        {{ local_md5(model.raw_code)[:12] }}
    {%- elif execute and not modules.re.sub(
        '(?s)--[^\\n]*|/\\*.*?\\*/|\\{#.*?#\\}', '', graph.nodes['model.desk.' ~ name].raw_code
    ).strip() -%}
        {%- do exceptions.raise_compiler_error(
            "models/strategies/" ~ name ~ ".sql: there is no rule in it"
        ) -%}
    {%- elif execute -%}
        {{ local_md5(graph.nodes['model.desk.' ~ name].raw_code)[:12] }}
    {%- endif -%}
{%- endmacro %}
