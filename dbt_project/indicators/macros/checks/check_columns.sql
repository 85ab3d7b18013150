{#
Stops the compilation unless the engine has the macro and each argument is the name of
a column, and says which macro and which argument. `columns` is
{argument: given column}.
#}
{% macro check_columns(macro_name, columns) %}
    {% do indicators.check_engine(macro_name) %}
    {% for argument, column in columns.items() %}
        {% do indicators.check_column_name(macro_name, argument, column) %}
    {% endfor %}
    {% if execute and graph.nodes is defined
        and model is defined and model.raw_code is defined %}
        {% for argument, column in columns.items() %}
            {% do indicators.check_column_exists(macro_name, argument, column) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Stops the compilation unless an argument is a name, with or without a relation's. #}
{% macro check_column_name(macro_name, argument, column) %}
    {% set name = '[A-Za-z_][A-Za-z0-9_$]*' %}
    {% if column is not string
        or not modules.re.fullmatch('(' ~ name ~ '[.])?' ~ name, column) %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": " ~ argument ~ " must be the name of a column, not "
            ~ column ~ "; compute it in a common table expression before"
        ) %}
    {% endif %}
{% endmacro %}

{#
Stops the compilation where a column can be known not to exist: the current model's
code doesn't have its name (but in calls of the package), and no input has the column,
neither in its .yml nor in the database. What Jinja names (`as rsi_{{ n }}`) passes, and
so does anything beside an input of unknown columns. The database is asked last, as that
takes time.
#}
{% macro check_column_exists(macro_name, argument, column) %}
    {% set name = column.split('.')[-1] | lower %}
    {% set call = 'indicators[.]\\w+[(]([^()]|[(][^()]*[)])*[)]' %}
    {% set code = modules.re.sub(call, '', model.raw_code) | lower %}
    {% set inputs = [] %}
    {% for id in model.depends_on.nodes %}
        {% do inputs.append(graph.nodes.get(id) or graph.sources.get(id) or {}) %}
    {% endfor %}
    {% set documented = inputs | map(attribute='columns', default={}) | map('list')
        | sum(start=[]) | map('lower') | list %}
    {% if name not in documented + modules.re.findall('[a-z_][a-z0-9_$]*', code)
        and not modules.re.search('\\bas\\s+"?\\w*\\{\\{', code) %}
        {% set in_database = indicators.columns_in_database(inputs) %}
        {% if in_database is not none and name not in in_database %}
            {% do exceptions.raise_compiler_error(
                macro_name ~ ": " ~ argument ~ " is " ~ column
                ~ ", which is no column of the model's inputs ("
                ~ (in_database + documented) | unique | join(', ') ~ ")"
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
The columns that the inputs' relations have, in lower case. Of an input without one the
.yml says all if a contract holds; otherwise there is no telling: none.
#}
{% macro columns_in_database(inputs) %}
    {% set found = [] %}
    {% set unknown = [] %}
    {% for input in inputs %}
        {% set relation = adapter.get_relation(
            input.database, input.schema, input.alias or input.identifier
        ) if input else none %}
        {% if relation %}
            {% do found.extend(
                adapter.get_columns_in_relation(relation) | map(attribute='name')
            ) %}
        {% elif not input or not (input.config.contract or {}).enforced %}
            {% do unknown.append(input) %}
        {% endif %}
    {% endfor %}
    {{ return(found | map('lower') | list if inputs and not unknown else none) }}
{% endmacro %}
