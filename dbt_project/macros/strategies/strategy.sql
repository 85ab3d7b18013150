{#
A whole strategy from its two rules: one row per symbol and bar that gives a
signal, with the data that explains it. A bar on which both rules hold says
nothing and gives no signal.

buy, sell   what crosses_above or crosses_below returned
parameters  the rule's numbers by name, for the reader

Every value is in the terms of the bar's own day, as a trader saw it: forward-
adjusted values, the bar before included, over that bar's cumulative factor. Only
that bar and the one before it are looked at. The version is a hash of the
model's code.
#}
{% macro strategy(buy, sell, parameters) %}
{%- set known = known_values() -%}
{%- set columns = (buy.columns + sell.columns) | unique | list -%}
{%- set rule = 'Buy when ' ~ buy.rule ~ '; sell when ' ~ sell.rule ~ '.' -%}
with

bars as (

    select * from {{ ref('int_bars') }}

),

indicators as (

    select * from {{ ref('int_indicators') }}

),

joined_to_previous as (

    select
        symbol,
        bar_date,
        close_as_traded,
        {% for column in columns %}
        {% set before -%}
            lag({{ column }}) over (partition by symbol order by bar_date)
        {%- endset %}
        {% set terms = known[column].terms %}
        {{ in_terms_of('bars', column, terms) }} as {{ column }},
        {{ in_terms_of('bars', before, terms) }} as previous_{{ column }}
        {%- if not loop.last %},{% endif %}
        {% endfor %}

    from bars
    inner join indicators using (symbol, bar_date)

),

decided as (

    select
        *,
        coalesce({{ buy.condition }}, false) as is_buy,
        coalesce({{ sell.condition }}, false) as is_sell

    from joined_to_previous

),

explained as (

    select
        '{{ model.name }}|' || symbol || '|' || to_char(bar_date, 'YYYY-MM-DD')
            as signal_key,
        '{{ model.name }}' as strategy,
        symbol,
        bar_date,
        case when is_buy then 'buy' else 'sell' end as side,
        close_as_traded as close,
        jsonb_build_object(
            'sentence',
            case when is_buy then {{ buy.sentence }} else {{ sell.sentence }} end,
            'rule', '{{ rule }}',
            'parameters', cast('{{ parameters | tojson }}' as jsonb),
            'predicates',
            case when is_buy then {{ buy.predicates }} else {{ sell.predicates }} end,
            'previous',
            case when is_buy then {{ buy.previous }} else {{ sell.previous }} end,
            'version', '{{ strategy_version() }}'
        ) as details

    from decided
    where is_buy <> is_sell

)

select * from explained
{% endmacro %}
