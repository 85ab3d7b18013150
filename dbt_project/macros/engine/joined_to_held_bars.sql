{#
The periods of `holdings`, which follow one another from -infinity to infinity for
each strategy and symbol, each joined to its bars: from its from_date on, before its
until_date. The bars, CTE `bars`, are called held.
#}
{% macro joined_to_held_bars(holdings) %}
    {{- adapter.dispatch('joined_to_held_bars', 'desk')(holdings) -}}
{% endmacro %}

{# Sorted, it stays a subquery: the planner would rather try every holding of a symbol
for each of its bars. #}
{% macro postgres__joined_to_held_bars(holdings) -%}
    {{ holdings }}
    cross join
        lateral (
            select
                bar_date,
                bar_number,
                close

            from bars
            where
                symbol = {{ holdings }}.symbol
                and bar_date >= {{ holdings }}.from_date
                and bar_date < {{ holdings }}.until_date
            order by bar_date
        ) as held
{%- endmacro %}

{% macro duckdb__joined_to_held_bars(holdings) -%}
    (
        select
            strategies.strategy,
            bars.symbol,
            bars.bar_date,
            bars.bar_number,
            bars.close

        from bars
        cross join ({{ all_strategies() }}) as strategies
    ) as held
    asof inner join {{ holdings }}
        on
            held.strategy = {{ holdings }}.strategy
            and held.symbol = {{ holdings }}.symbol
            and held.bar_date >= {{ holdings }}.from_date
{%- endmacro %}

{# No such join: what is held from a day on is carried from bar to bar. #}
{% macro spark__joined_to_held_bars(holdings) -%}
    (
        select
            events.strategy,
            events.symbol,
            events.bar_date,
            events.bar_number,
            events.close,
            last(events.held_from, true) over (
                partition by events.strategy, events.symbol
                order by events.bar_date, events.close nulls first
                rows between unbounded preceding and current row
            ) as held_from

        from (
            select
                strategies.strategy,
                bars.symbol,
                bars.bar_date,
                bars.bar_number,
                bars.close,
                cast(null as date) as held_from

            from bars
            cross join ({{ all_strategies() }}) as strategies
            union all
            select
                strategy,
                symbol,
                from_date,
                cast(null as bigint),
                cast(null as double),
                from_date

            from {{ holdings }}
        ) as events
    ) as held
    inner join {{ holdings }}
        on
            held.strategy = {{ holdings }}.strategy
            and held.symbol = {{ holdings }}.symbol
            and held.held_from = {{ holdings }}.from_date
            and held.close is not null
{%- endmacro %}
