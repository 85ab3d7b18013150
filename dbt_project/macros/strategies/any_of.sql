{# True when any of the rules given is; an event if all of them are (see rules.sql). #}
{% macro any_of() %}
    {% set rules = check_rules('any_of', varargs) %}
    {{ return(combined_rule(
        rules, 'or', rules | rejectattr('is_event') | list | length == 0
    )) }}
{% endmacro %}
