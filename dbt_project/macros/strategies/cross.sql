{#
What crosses_above and crosses_below share: a dictionary of the columns looked
at, the rule in words, and SQL for the condition, the predicates with their
values, the previous bar's values and the sentence.
#}
{% macro cross(direction, left, now, right, before) %}
    {% set known = known_values() %}
    {% for value in [left, right] if value is not number and value not in known %}
        {% do exceptions.raise_compiler_error(
            "crosses_" ~ direction ~ ": there is no value " ~ value
            ~ "; known are " ~ known | join(', ')
        ) %}
    {% endfor %}
    {% set left_label = known[left].label %}
    {% set is_level = right is number %}
    {% set right_label = right if is_level else known[right].label %}
    {% set previous_left = 'previous_' ~ left %}
    {% set previous_right = right if is_level else 'previous_' ~ right %}
    {% set is_now = left ~ ' ' ~ now ~ ' ' ~ right %}
    {% set was_before = previous_left ~ ' ' ~ before ~ ' ' ~ previous_right %}

    {% set predicates %}
        jsonb_build_array(
            jsonb_build_object(
                'left', '{{ left }}',
                'left_value', {{ left }},
                'operator', '{{ now }}',
                'right', '{{ right }}',
                'right_value', {{ right }},
                'outcome', {{ is_now }}
            ),
            jsonb_build_object(
                'left', 'previous {{ left }}',
                'left_value', {{ previous_left }},
                'operator', '{{ before }}',
                'right', '{{ right if is_level else 'previous ' ~ right }}',
                'right_value', {{ previous_right }},
                'outcome', {{ was_before }}
            )
        )
    {% endset %}

    {% set previous %}
        jsonb_build_object(
            '{{ left }}', {{ previous_left }}
            {%- if not is_level %}, '{{ right }}', {{ previous_right }}{% endif %}
        )
    {% endset %}

    {% set sentence %}
        format(
            '%s: {{ left_label }} (%s) crossed {{ direction }} {{ right_label }}'
            '{% if not is_level %} (%s){% endif %} on %s; '
            'the bar before it was %s (%s{% if not is_level %} against %s{% endif %}).',
            symbol,
            {{ rounded(left, right) }},
            {%- if not is_level %} {{ rounded(right, left) }}, {%- endif %}
            to_char(bar_date, 'YYYY-MM-DD'),
            case
                when {{ previous_left }} = {{ previous_right }} then 'level'
                else '{{ 'below' if direction == 'above' else 'above' }}'
            end,
            {{ rounded(previous_left, previous_right) }}
            {%- if not is_level %}, {{ rounded(previous_right, previous_left) }} {%- endif %}
        )
    {% endset %}

    {{ return({
        'columns': [left] if is_level else [left, right],
        'rule': left_label ~ ' crosses ' ~ direction ~ ' ' ~ right_label,
        'condition': is_now ~ ' and ' ~ was_before,
        'predicates': predicates,
        'previous': previous,
        'sentence': sentence,
    }) }}
{% endmacro %}
