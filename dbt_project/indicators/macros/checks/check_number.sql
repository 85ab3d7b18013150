{#
Stops the compilation unless a macro's argument is a number above 0, and says which
macro and which argument.
#}
{% macro check_number(macro_name, argument, value) %}
    {% if value is boolean or value is not number or value <= 0 %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": " ~ argument ~ " must be a number above 0, not " ~ value
        ) %}
    {% endif %}
{% endmacro %}
