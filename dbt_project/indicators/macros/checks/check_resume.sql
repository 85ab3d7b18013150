{#
Stops the compilation unless `resume` is none, the name of a column or, with `count`, a
list of so many, and says which macro; also on engines that build anew, where nothing is
stored to go on from. A list of nones is none.
#}
{% macro check_resume(macro_name, resume, count=none) %}
    {% set columns = resume if count else [resume] %}
    {% set is_list = columns is sequence and columns is not string
        and columns is not mapping %}
    {% set given = columns | reject('none') | list if is_list else [columns] %}
    {% set named = given | select('string') | list %}
    {% if resume is not none and (
        not is_list or columns | length != (count or 1) or named != given
        or named | length not in (0, columns | length)
    ) %}
        {% do exceptions.raise_compiler_error(
            macro_name ~ ": resume must be "
            ~ ("a list of " ~ count ~ " columns" if count else "the name of a column")
            ~ ", not " ~ resume
        ) %}
    {% endif %}
    {% if named and indicators.macros_here() is not none %}
        {% do indicators.stop_here('resume') %}
    {% endif %}
{% endmacro %}
