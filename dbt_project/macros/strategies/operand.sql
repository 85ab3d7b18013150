{#
One side of a comparison: a number, a value's name, or 'previous ' and a value's name
for that of the bar before. Gives its label and, for the bar itself and the one before
it, its name and its column in the strategy's rows. Any other name stops the build.
#}
{% macro operand(rule, value) %}
    {% if value is number and value is not boolean %}
        {{ return({
            'label': value | string,
            'now': {'name': value | string, 'sql': value | string},
            'before': {'name': value | string, 'sql': value | string},
        }) }}
    {% endif %}
    {% set is_previous = value is string and value.startswith('previous ') %}
    {% set column = value.removeprefix('previous ') if value is string %}
    {% set about = known_values().get(column)
        or (computed_value(column) if value is string) %}
    {% if not about %}
        {{ bad_strategy(
            rule ~ ": there is no value " ~ value ~ "; known are "
            ~ known_values() | join(', ') ~ ", and with any number of bars "
            ~ computed_indicators() | join('_…, ') ~ "_…"
        ) }}
    {% endif %}
    {% set at = [
        {'name': column, 'sql': column},
        {'name': 'previous ' ~ column, 'sql': 'previous_' ~ column},
        {'name': 'second previous ' ~ column, 'sql': 'second_previous_' ~ column},
    ] %}
    {{ return({
        'column': column,
        'label': ('previous ' if is_previous else '') ~ about.label,
        'now': at[1 if is_previous else 0],
        'before': at[2 if is_previous else 1],
    }) }}
{% endmacro %}

{# An operand with its value, as a sentence has it: a number speaks for itself. #}
{% macro told(operand, moment, beside) -%}
    '{{ operand.label }}
    {%- if operand.column %} (' || {{ rounded(operand[moment].sql, beside[moment].sql) }} || ')
    {%- endif %}'
{%- endmacro %}

{# A comparison as data. #}
{% macro predicate(left, operator, right) -%}
    {% call json_object() %}
        'left', '{{ left.name }}',
        'left_value', {{ left.sql }},
        'operator', '{{ operator }}',
        'right', '{{ right.name }}',
        'right_value', {{ right.sql }},
        'outcome', coalesce({{ compared(left.sql, operator, right.sql) }}, false)
    {% endcall %}
{%- endmacro %}

{# What a comparison that does not hold lacks: "RSI 14 is 31.20, needs < 30". #}
{% macro unmet(left, operator, right) -%}
    case
        when {{ left.now.sql }} is null then '{{ left.label }} is not known yet'
        when {{ right.now.sql }} is null then '{{ right.label }} is not known yet'
        when ({{ compared(left.now.sql, operator, right.now.sql) }}) is not true
            then
                '{{ left.label }} is '
                || {{ rounded(left.now.sql, right.now.sql) }}
                || ', needs {{ operator }} ' || {{ told(right, 'now', left) }}
    end
{%- endmacro %}
