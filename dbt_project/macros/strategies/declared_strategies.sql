{#
The strategies as dbt_project.yml lists them (vars: strategies), each with the
parameters that vars: strategy_parameters gives it instead.
#}
{% macro declared_strategies() %}
    {% set declared = {} %}
    {% if var('strategies') is not mapping %}
        {% do exceptions.raise_compiler_error(
            "dbt_project.yml: vars: strategies must be names with their parameters, "
            ~ "as donchian: {entry_bars: 20, exit_bars: 10}"
        ) %}
    {% endif %}
    {% for name, given in var('strategies').items() %}
        {% if given is not none and given is not mapping %}
            {% do exceptions.raise_compiler_error(
                "dbt_project.yml: vars: strategies: " ~ name ~ " is " ~ given
                ~ ", must be its parameters, as {fast_bars: 20}, or {} for none"
            ) %}
        {% endif %}
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
