{#
walked on Spark: each symbol's bars as an array, in the order of their sessions, folded
over once for all that was noted (see scanned).
#}
{% macro spark__walked(relation, joined) -%}
    {%- set walks = model.pop('walks', {}) -%}
    {%- set symbol = indicators.variable('symbol', 'symbol') -%}
    {%- set session = indicators.variable('session', 'bar_date') -%}
    {%- set columns = [] -%}
    {%- set start = {} -%}
    {%- set steps = {} -%}
    {%- for walk in walks.values() -%}
        {%- do columns.extend(walk.columns) -%}
        {%- for state, about in walk.states.items() -%}
            {%- do start.update({
                state: [about.start, about.type.replace('double precision', 'double')]
            }) -%}
            {%- do steps.update({
                state: 'cast(' ~ about.step ~ ' as ' ~ start[state][1] ~ ')'
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not walks -%}
    {{ relation }}
    {%- else -%}
    (
        select {% if joined %}{{ relation }}.*, {{ start | join(', ') }}{% else %}*{% endif %}

        from (
            select walked_bars.*, states.*

            from (
                select inline(arrays_zip(walked_bars, states))

                from (
                    select
                        walked_bars,
                        {{ indicators.scanned(
                            'walked_bars', start,
                            indicators.step_layers(steps, columns | unique | list),
                        ) }} as states

                    from (
                        select
                            sort_array(collect_list(struct(
                                {{ session }},
                                {%- if joined %}
                                {{ ([symbol] + columns) | unique | join(', ') }}
                                {%- else %}
                                * except ({{ session }})
                                {%- endif %}
                            ))) as walked_bars

                        from {{ relation }}
                        group by {{ symbol }}
                    ) as listed
                ) as scanned
            ) as zipped
        ) as walk
        {%- if joined %}
        inner join {{ relation }} using ({{ symbol }}, {{ session }})
        {%- endif %}
    ) as {{ relation }}
    {%- endif -%}
{%- endmacro %}

{#
Steps as the layers of a scan: one that reads what others have become on this bar, as
next_<part>, comes after them.
#}
{% macro step_layers(steps, columns) %}
    {% set layers = [] %}
    {% set done = {} %}
    {% for _ in steps if done | length < steps | length %}
        {% set layer = {} %}
        {% for state, step in steps.items() if state not in done %}
            {% set awaited = modules.re.findall('\\bnext_(\\w+)', step) %}
            {% if awaited | reject('in', done) | list | length == 0 %}
                {% do layer.update({state: indicators.step_in_scan(
                    step, steps, columns, done
                )}) %}
            {% endif %}
        {% endfor %}
        {% set number = layers | length + 1 %}
        {% for state in layer %}
            {% do done.update({state: 'layer' ~ number}) %}
        {% endfor %}
        {% do layers.append(layer) %}
    {% endfor %}
    {% set kept = {} %}
    {% for state in steps %}
        {% do kept.update({state: done[state] ~ '.' ~ state}) %}
    {% endfor %}
    {{ return(layers if layers | length == 1 else layers + [kept]) }}
{% endmacro %}

{# A step's SQL with each name said to be the bar's, of the bar before, or of a layer. #}
{% macro step_in_scan(step, steps, columns, done) %}
    {% set said = namespace(sql=step) %}
    {% for column in columns %}
        {% set said.sql = modules.re.sub(
            '\\b' ~ column ~ '\\b', 'item.' ~ column, said.sql
        ) %}
    {% endfor %}
    {% for state in steps %}
        {% set said.sql = modules.re.sub(
            '\\b' ~ state ~ '\\b', 'walk.before.' ~ state, said.sql
        ) %}
    {% endfor %}
    {% for state, layer in done.items() %}
        {% set said.sql = modules.re.sub(
            '\\bnext_' ~ state ~ '\\b', layer ~ '.' ~ state, said.sql
        ) %}
    {% endfor %}
    {{ return(said.sql) }}
{% endmacro %}
