{#
For Spark, which has no aggregates of one's own making and no recursion that gets far:
an array of what a walk over the array `rows` keeps after each of them, aligned with it.

start   {part: [value before the first row, type]}
layers  dictionaries of {name: SQL}, each calculated after the one before it. SQL sees
        the row as item.<column>, what was kept after the row before it as
        walk.before.<part>, and the results of the layers so far as layer1.<name>,
        layer2…. The last layer is what is kept, in the order of `start`.
given   the parts that the array shows, all unless said

Spark copies what a step hands to the next one, results so far included. So a hundred
rows are walked by themselves, before theirs are put to the rest; and a step adds what
was kept by the one before it, which needs no copy to be used twice.
#}
{% macro scanned(rows, start, layers, given=none) %}
    {%- set shown = given or start | list -%}
    {%- set result_type -%}
        array<struct<
            {%- for part in shown %}{{ part }}: {{ start[part][1] }}
            {{- ', ' if not loop.last }}{% endfor -%}
        >>
    {%- endset -%}
    {%- set kept -%}
        array(named_struct(
            {%- for part in shown %}
            '{{ part }}', walk.before.{{ part }}{{ ',' if not loop.last }}
            {%- endfor %}
        ))
    {%- endset -%}
    aggregate(
        sequence(1, size({{ rows }}), 100),
        named_struct(
            'before', named_struct(
                {%- for part, about in start.items() %}
                '{{ part }}', nullif(cast({{ about[0] }} as {{ about[1] }}), null)
                {{- ',' if not loop.last }}
                {%- endfor %}
            ),
            'results', cast(array() as array<{{ result_type }}>)
        ),
        (so_far, first) -> transform(
            array(aggregate(
                slice({{ rows }}, first, 100),
                named_struct(
                    'before', so_far.before,
                    'results', cast(array() as {{ result_type }})
                ),
                (walk, item) -> named_struct(
                    'before', {{ indicators.layered(layers) }},
                    'results', concat(walk.results, {{ kept }})
                ),
                walk -> named_struct(
                    'before', walk.before,
                    'results', slice(concat(walk.results, {{ kept }}), 2, 100)
                )
            )),
            hundred -> named_struct(
                'before', hundred.before,
                'results', concat(so_far.results, array(hundred.results))
            )
        )[0],
        so_far -> flatten(so_far.results)
    )
{%- endmacro %}

{# The layers from the `first` on, each in sight of those inside it: the last one. #}
{% macro layered(layers, first=1) -%}
    {%- set layer -%}
        named_struct(
            {%- for name, sql in layers[0].items() %}
            '{{ name }}', {{ sql }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endset -%}
    {%- if layers | length == 1 -%}
    {{ layer }}
    {%- else -%}
    transform(
        array({{ layer }}),
        layer{{ first }} -> {{ indicators.layered(layers[1:], first + 1) }}
    )[0]
    {%- endif -%}
{%- endmacro %}
