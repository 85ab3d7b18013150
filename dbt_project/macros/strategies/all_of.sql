{# True when all of the rules given are; an event if one of them is (see rules.sql). #}
{% macro all_of() %}
    {% set rules = check_rules('all_of', varargs) %}
    {{ return(combined_rule(
        rules, 'and', rules | selectattr('is_event') | list | length > 0
    )) }}
{% endmacro %}
