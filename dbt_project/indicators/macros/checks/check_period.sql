{#
Stops the compilation unless a macro's argument is a whole number of bars, at least
`at_least`, and says which macro and which argument.
#}
{% macro check_period(macro_name, argument, value, at_least=1) %}
    {% if value is boolean or value is not integer or value < at_least %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": " ~ argument ~ " must be a whole number of bars, at least "
            ~ at_least ~ ", not " ~ value
        ) %}
    {% endif %}
{% endmacro %}
