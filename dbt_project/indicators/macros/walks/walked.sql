{#
The relation that a select reads its recursive indicators from. Postgres computes them
where they stand, and this is the relation itself. DuckDB has no aggregates of one's
own making: there the select's macros note what they need (see note_walk), and this
becomes a subquery that walks the bars, one step for all symbols at once, and adds what
was noted as columns. So it must come after the macros, as `from` does.

The variable `number` may name a column that counts each symbol's bars without a gap;
without it they are counted here, which costs a sort.
#}
{% macro walked(relation) %}
    {{- adapter.dispatch('walked', 'indicators')(relation) -}}
{% endmacro %}

{% macro default__walked(relation) -%}
    {{ relation }}
{%- endmacro %}

{% macro duckdb__walked(relation) -%}
    {%- set walks = model.pop('walks', {}) -%}
    {%- set symbol = indicators.variable('symbol', 'symbol') -%}
    {%- set session = indicators.variable('session', 'bar_date') -%}
    {%- set number = indicators.variable('number', none) -%}
    {%- set columns = [] -%}
    {%- for walk in walks.values() %}{% do columns.extend(walk.columns) %}{% endfor -%}
    {%- if not walks -%}
    {{ relation }}
    {%- else -%}
    (
        with recursive

        series as (

            select
                {{ symbol }},
                {{ session }},
                {{ number or 'row_number() over (' ~ indicators.series() ~ ')' }}
                    as walked_bars
                {%- for column in columns | unique %},
                {{ column }}
                {%- endfor %}

            from {{ relation }}

        ),

        walk as (

            select
                {{ symbol }},
                min({{ session }}) filter (where false) as {{ session }},
                min(walked_bars) - 1 as walked_bars
                {%- for walk in walks.values() %}
                {%- for state, about in walk.states.items() %},
                cast({{ about.start }} as {{ about.type }}) as {{ state }}
                {%- endfor %}
                {%- endfor %}

            from series
            group by {{ symbol }}
            union all
            select
                series.{{ symbol }},
                series.{{ session }},
                series.walked_bars
                {%- for walk in walks.values() %}
                {%- for state, about in walk.states.items() %},
                {{ about.step }} as next_{{ state }}
                {%- endfor %}
                {%- endfor %}

            from walk
            inner join series
                on
                    walk.{{ symbol }} = series.{{ symbol }}
                    and walk.walked_bars + 1 = series.walked_bars

        )

        select
            {{ relation }}.*,
            walk.* exclude ({{ symbol }}, {{ session }}, walked_bars)

        from {{ relation }}
        left join walk
            on
                {{ relation }}.{{ symbol }} = walk.{{ symbol }}
                and {{ relation }}.{{ session }} = walk.{{ session }}
    ) as {{ relation }}
    {%- endif -%}
{%- endmacro %}
