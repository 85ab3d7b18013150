{#
The relation that a select reads its recursive indicators from. Postgres computes them
where they stand, and this is the relation itself. DuckDB and Spark have no aggregates
of one's own making: there the select's macros note what they need (see note_walk), and
this becomes a subquery that walks the bars, one step for all symbols at once on DuckDB,
symbol by symbol on Spark (see scanned), and adds what was noted as columns. So it must
come after the macros, as `from` does.

`joined`: the walk takes along only what the indicators read, and the relation's other
columns are joined afterwards: slower, but in half the memory where they are many.

The variable `number` may name a column that counts each symbol's bars without a gap;
without it they are counted here, which costs a sort.
#}
{% macro walked(relation, joined=false) %}
    {{- adapter.dispatch('walked', 'indicators')(relation, joined) -}}
{% endmacro %}

{% macro postgres__walked(relation, joined) -%}
    {{ relation }}
{%- endmacro %}

{% macro default__walked(relation, joined) -%}
    {%- do indicators.stop_here('walked') -%}
{%- endmacro %}

{% macro duckdb__walked(relation, joined) -%}
    {%- set walks = model.pop('walks', {}) -%}
    {%- set key = [
        indicators.variable('symbol', 'symbol'),
        indicators.variable('session', 'bar_date'),
    ] -%}
    {%- set number = indicators.variable('number', none) -%}
    {%- set counter = number or 'walked_bars' -%}
    {%- set columns = [number] if number else [] -%}
    {%- set states = {} -%}
    {%- for walk in walks.values() -%}
        {%- do columns.extend(walk.columns) -%}
        {%- do states.update(walk.states) -%}
    {%- endfor -%}
    {%- set taken_along = (key + columns) | unique | list if joined else ['*'] -%}
    {%- if not walks -%}
    {{ relation }}
    {%- else -%}
    (
        with recursive

        series as (

            select
                {{ taken_along | join(', ') }}
                {%- if not number %},
                row_number() over ({{ indicators.series() }}) as {{ counter }}
                {%- endif %}

            from {{ relation }}

        ),

        firsts as (

            select
                {{ key[0] }},
                case
                    when count(*) <= max({{ counter }}) - min({{ counter }})
                        then error('walked: gaps among the bars of ' || {{ key[0] }})
                    else min({{ counter }})
                end as {{ counter }}

            from series
            group by {{ key[0] }}

        ),

        walk as (

            select
                * replace ({{ counter }} - 1 as {{ counter }}),
                false as is_walked
                {%- for state, about in states.items() %},
                cast({{ about.start }} as {{ about.type }}) as {{ state }}
                {%- endfor %}

            from series
            semi join firsts using ({{ key[0] }}, {{ counter }})
            union all
            select
                series.*,
                true
                {%- for state, about in states.items() %},
                {{ about.step }} as next_{{ state }}
                {%- endfor %}

            from (
                select {{ key[0] }}, {{ counter }}, {{ states | join(', ') }} from walk
            ) as before
            inner join series
                on
                    before.{{ key[0] }} = series.{{ key[0] }}
                    and before.{{ counter }} + 1 = series.{{ counter }}

        )

        {% if joined -%}
        select
            {{ relation }}.*,
            {{ states | join(', ') }}

        from {{ relation }}
        inner join walk
            on
                {{ relation }}.{{ key[0] }} = walk.{{ key[0] }}
                and {{ relation }}.{{ key[1] }} = walk.{{ key[1] }}
                and walk.is_walked
        {%- else -%}
        select * exclude ({{ 'walked_bars, ' if not number }}is_walked)

        from walk
        where is_walked
        {%- endif %}
    ) as {{ relation }}
    {%- endif -%}
{%- endmacro %}
