{#
Notes, for the select's `walked`, what a recursive indicator keeps from bar to bar, and
gives back {part: column} of it. A walk noted twice is one.

`parts` is {part: [start, step]} or [start, step, type]: its value before the first
bar, and that after a bar, over the input's `columns`, the parts before the bar (see
walk_parts) and, as next_<part>, those after it that stand above it. A bar on which a
column is NULL is passed over. The notes are kept on the model that is being rendered.
#}
{% macro note_walk(name, columns, parts) %}
    {%- set named = indicators.walk_parts(name, parts) -%}
    {%- set states = {} -%}
    {%- for part, about in parts.items() -%}
        {%- do states.update({named[part]: {
            'start': about[0],
            'step': 'case when ' ~ columns | join(' + ') ~ ' is null then '
                ~ named[part] ~ ' else ' ~ about[1] ~ ' end',
            'type': about[2] or 'double precision',
        }}) -%}
    {%- endfor -%}
    {%- do model.setdefault('walks', {}).update(
        {name: {'columns': columns, 'states': states}}
    ) -%}
    {{ return(named) }}
{% endmacro %}

{# The columns in which a walk keeps its parts. #}
{% macro walk_parts(name, parts) %}
    {%- set columns = {} -%}
    {%- for part in parts -%}
        {%- do columns.update({part: name ~ '_' ~ part}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{# A walk's name, from what it is given: walked_rsi_close_14. #}
{% macro walk_name() %}
    {{ return(modules.re.sub(
        '[^a-z0-9]+', '_', 'walked_' ~ varargs | join('_') | lower
    )) }}
{% endmacro %}
