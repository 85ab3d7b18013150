{#
Stops the compilation unless the engine has the macro and each argument is the name of
a column, one that the model's inputs have or that the model itself defines
(`… as name`), and says which macro and which argument. `columns` is
{argument: given column}.

The inputs' columns are those their .yml documents, or those of the relation in the
database; where neither is known, any name passes.
#}
{% macro check_columns(macro_name, columns) %}
    {% do indicators.check_engine(macro_name) %}
    {% set name = '[A-Za-z_][A-Za-z0-9_$]*' %}
    {% for argument, column in columns.items() %}
        {% if column is not string
            or not modules.re.fullmatch('(' ~ name ~ '[.])?' ~ name, column) %}
            {% do exceptions.raise_compiler_error(
                macro_name ~ ": " ~ argument ~ " must be the name of a column, not "
                ~ column ~ "; compute it in a common table expression before"
            ) %}
        {% endif %}
    {% endfor %}
    {% if execute and model is defined and model.depends_on is defined %}
        {% set known = indicators.known_columns() %}
        {% for argument, column in columns.items() if known %}
            {% set bare = column.split('.')[-1] %}
            {% if bare not in known and not modules.re.search(
                '(?i)\\bas\\s+"?' ~ bare ~ '\\b', model.raw_code
            ) %}
                {% do exceptions.raise_compiler_error(
                    macro_name ~ ": " ~ argument ~ " is " ~ column
                    ~ ", which is no column of the model's inputs ("
                    ~ known | join(', ') ~ ")"
                ) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#
The columns of everything the current model reads; nothing unless all are known.
#}
{% macro known_columns() %}
    {% set found = [] %}
    {% set known = namespace(all=true) %}
    {% for id in model.depends_on.nodes %}
        {% set input = graph.nodes.get(id) or graph.sources.get(id) %}
        {% if input and input.columns %}
            {% do found.extend(input.columns.keys()) %}
        {% elif input %}
            {% set relation = adapter.get_relation(
                input.database, input.schema, input.alias or input.identifier
            ) %}
            {% set columns = adapter.get_columns_in_relation(relation)
                if relation else [] %}
            {% do found.extend(columns | map(attribute='name')) %}
            {% if not columns %}{% set known.all = false %}{% endif %}
        {% else %}
            {% set known.all = false %}
        {% endif %}
    {% endfor %}
    {{ return(found | unique | list if known.all else []) }}
{% endmacro %}
