{#
Stops the compilation unless a macro's argument is a positive whole number of
bars, and says which macro and which argument.
#}
{% macro check_period(macro_name, argument, value) %}
    {% if value is not integer or value < 1 %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": " ~ argument
            ~ " must be a positive whole number of bars, not " ~ value
        ) %}
    {% endif %}
{% endmacro %}
