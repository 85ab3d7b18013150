{#
A strategy's parameters as dbt_project.yml has them (vars: strategies), each named
here with its range: parameters(fast_bars=[2, 400]). Names that end in _bars or in
positions are whole numbers. One that is missing, unknown or out of range stops the
build, as does a fast_… that isn't below its slow_…: the other rule upside down, or
none. In a sweep they are the point's (see sweep_point); it skips what is not in order.
#}
{% macro parameters() %}
    {%- set name = strategy_name() -%}
    {%- set given = model.swept_point or declared_strategies().get(name) or {} -%}
    {%- for parameter in kwargs if parameter not in given -%}
        {{ bad_strategy(parameter ~ " is missing under vars: strategies: " ~ name) }}
    {%- endfor -%}
    {%- set ranges = dict(strategy_exits(), **kwargs) -%}
    {%- if given.get('has_shorts', false) is not boolean -%}
        {{ bad_strategy("has_shorts is " ~ given.has_shorts ~ ", must be true or false") }}
    {%- endif -%}
    {%- for parameter, value in given.items() if parameter != 'has_shorts' -%}
        {%- if parameter not in ranges -%}
            {{ bad_strategy(
                "there is no parameter " ~ parameter ~ "; known are "
                ~ ranges | join(', ') ~ ", has_shorts"
            ) }}
        {%- endif -%}
        {%- set least, most = ranges[parameter] -%}
        {%- set is_whole = parameter.endswith(('_bars', 'positions')) -%}
        {%- if value is boolean or value is not number
            or not least <= value <= most
            or (is_whole and value is not integer) -%}
            {{ bad_strategy(
                parameter ~ " is " ~ value ~ ", must be a "
                ~ ("whole " if is_whole else "") ~ "number from " ~ least
                ~ " to " ~ most
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- for parameter, value in given.items() if parameter.startswith('fast_') -%}
        {%- set slow = 'slow_' ~ parameter.removeprefix('fast_') -%}
        {%- if slow in given and value >= given[slow]
            and model.swept_point is not defined -%}
            {{ bad_strategy(
                parameter ~ " is " ~ value ~ ", must be below " ~ slow ~ ", "
                ~ given[slow]
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(given) }}
{% endmacro %}

{# The strategy whose model, or unit test, this is. #}
{% macro strategy_name() %}
    {{ return((model.tested_node_unique_id or model.unique_id).split('.')[-1]) }}
{% endmacro %}

{# Stops the build with the strategy's file and what is wrong with it. #}
{% macro bad_strategy(reason) %}
    {% do exceptions.raise_compiler_error(
        model.original_file_path ~ ": " ~ reason
    ) %}
{% endmacro %}
