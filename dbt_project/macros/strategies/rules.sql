{#
A rule is a dictionary; crosses_above, crosses_below, above, below, between, all_of
and any_of make them:

operands    what it looks at (see operand)
is_event    true of what happens on a bar (a cross), false of a state that lasts (a
            comparison), of which a strategy speaks on the first bar only
rule        in words
condition   SQL, true on the bars it means; NULL counts as false
predicates  SQL of each comparison as JSON
happened    SQL of the sentence's words for what was seen where the rule holds
before      SQL of its words for the bar before; NULL without
missing     SQL of what is missing where it does not hold; NULL where it does
#}
{% macro cross_rule(name, left, operator, right, operator_before) %}
    {% set left = operand(name, left) %}
    {% set right = operand(name, right) %}
    {% set direction, opposite =
        ('above', 'below') if operator == '>' else ('below', 'above') %}
    {% set is_now = compared(left.now.sql, operator, right.now.sql) %}
    {% set was_before = compared(left.before.sql, operator_before, right.before.sql) %}
    {% set before %}
        'the bar before it was '
        || case
            when {{ is_equal(left.before.sql, right.before.sql) }} then 'level'
            else '{{ opposite }}'
        end
        || ' (' || {{ rounded(left.before.sql, right.before.sql) }}
        {%- if right.column %}
        || ' against ' || {{ rounded(right.before.sql, left.before.sql) }}
        {%- endif %} || ')'
    {% endset %}
    {% set missing %}
        case
            when ({{ is_now }} and {{ was_before }}) is not true
                then
                    coalesce(
                        {{ unmet(left, operator, right) }},
                        case
                            when ({{ was_before }}) is null
                                then 'the bar before is not known yet'
                            else
                                {{ told(left, 'before', right) }}
                                || ' was {{ direction }} '
                                || {{ told(right, 'before', left) }}
                                || ' on the bar before already'
                        end
                    )
        end
    {% endset %}
    {{ return({
        'operands': [left, right],
        'is_event': true,
        'rule': left.label ~ ' crosses ' ~ direction ~ ' ' ~ right.label,
        'condition': is_now ~ ' and ' ~ was_before,
        'predicates': [
            predicate(left.now, operator, right.now),
            predicate(left.before, operator_before, right.before),
        ],
        'happened':
            told(left, 'now', right) ~ " || ' crossed " ~ direction ~ " ' || "
            ~ told(right, 'now', left),
        'before': before,
        'missing': missing,
    }) }}
{% endmacro %}

{% macro comparison_rule(name, left, operator, right) %}
    {% set left = operand(name, left) %}
    {% set right = operand(name, right) %}
    {{ return({
        'operands': [left, right],
        'is_event': false,
        'rule': left.label ~ ' is ' ~ name ~ ' ' ~ right.label,
        'condition': compared(left.now.sql, operator, right.now.sql),
        'predicates': [predicate(left.now, operator, right.now)],
        'happened':
            told(left, 'now', right) ~ " || ' was " ~ name ~ " ' || "
            ~ told(right, 'now', left),
        'before': 'cast(null as text)',
        'missing': unmet(left, operator, right),
    }) }}
{% endmacro %}

{#
Rules joined by `and` or `or`. A sentence tells what holds; what is missing are all
rules that don't hold (and), or all of the rules (or).
#}
{% macro combined_rule(rules, word, is_event) %}
    {% set joint = ' ' ~ word ~ ' ' %}
    {% set words = [] %}
    {% set happened = [] %}
    {% set before = [] %}
    {% for rule in rules %}
        {% do words.append('(' ~ rule.rule ~ ')' if rule.is_combined else rule.rule) %}
        {% set holds = 'case when ' ~ rule.condition ~ ' then ' %}
        {% do happened.append(holds ~ rule.happened ~ ' end') %}
        {% do before.append(holds ~ rule.before ~ ' end') %}
    {% endfor %}
    {% set condition =
        '((' ~ rules | map(attribute='condition') | join(')' ~ joint ~ '(') ~ '))' %}
    {{ return({
        'operands': rules | map(attribute='operands') | sum(start=[]),
        'is_event': is_event,
        'is_combined': true,
        'rule': words | join(joint),
        'condition': condition,
        'predicates': rules | map(attribute='predicates') | sum(start=[]),
        'happened': "concat_ws(' and ', " ~ happened | join(', ') ~ ')',
        'before': "nullif(concat_ws('; ', " ~ before | join(', ') ~ "), '')",
        'missing':
            'case when (' ~ condition ~ ") is not true then concat_ws('"
            ~ ('; ' if word == 'and' else ' or ') ~ "', "
            ~ rules | map(attribute='missing') | join(', ') ~ ') end',
    }) }}
{% endmacro %}

{# The rules given, at least one, or the build stops. #}
{% macro check_rules(name, rules) %}
    {% for rule in rules if rule is not mapping or not rule.condition %}
        {{ bad_strategy(name ~ ": " ~ rule ~ " is no rule") }}
    {% endfor %}
    {% if not rules %}
        {{ bad_strategy(name ~ ": no rule") }}
    {% endif %}
    {{ return(rules | list) }}
{% endmacro %}
