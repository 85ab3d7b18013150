{#
Stops the compilation unless a macro's argument is true or false, and says which macro
and which argument.
#}
{% macro check_boolean(macro_name, argument, value) %}
    {% if value is not boolean %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": " ~ argument ~ " must be true or false, not " ~ value
        ) %}
    {% endif %}
{% endmacro %}
