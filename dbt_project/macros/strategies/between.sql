{#
True while `value` is no less than `least` and no more than `most`. Arguments and NULL
rule as in crosses_above.
#}
{% macro between(value, least, most) %}
    {% set middle = operand('between', value) %}
    {% set low = operand('between', least) %}
    {% set high = operand('between', most) %}
    {{ return({
        'operands': [middle, low, high],
        'is_event': false,
        'rule': middle.label ~ ' is between ' ~ low.label ~ ' and ' ~ high.label,
        'condition':
            compared(middle.now.sql, '>=', low.now.sql) ~ ' and '
            ~ compared(middle.now.sql, '<=', high.now.sql),
        'predicates': [
            predicate(middle.now, '>=', low.now), predicate(middle.now, '<=', high.now)
        ],
        'happened':
            told(middle, 'now', low) ~ " || ' was between ' || "
            ~ told(low, 'now', middle) ~ " || ' and ' || " ~ told(high, 'now', middle),
        'before': 'cast(null as text)',
        'missing':
            'coalesce(' ~ unmet(middle, '>=', low) ~ ', '
            ~ unmet(middle, '<=', high) ~ ')',
    }) }}
{% endmacro %}
