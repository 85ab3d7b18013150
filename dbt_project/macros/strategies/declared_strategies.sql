{#
The strategies as dbt_project.yml lists them (vars: strategies), each with the
parameters that vars: strategy_parameters gives it instead.
#}
{% macro declared_strategies() %}
    {% set declared = {} %}
    {% for name, given in var('strategies').items() %}
        {% do declared.update({
            name: dict(given or {}, **(var('strategy_parameters').get(name) or {}))
        }) %}
    {% endfor %}
    {% for name in var('strategy_parameters') if name not in declared %}
        {% do exceptions.raise_compiler_error(
            "strategy_parameters: there is no strategy " ~ name ~ "; known are "
            ~ declared | join(', ')
        ) %}
    {% endfor %}
    {{ return(declared) }}
{% endmacro %}
