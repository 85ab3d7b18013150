{#
A whole strategy from its two rules: one row per symbol and bar that gives a signal,
and one for each symbol's last bar in any case, with the data that explains it.

buy, sell   rules (see rules.sql)
parameters  what parameters() gave

side is buy, sell, both (both rules hold, which stops the build: see
stop_if_both_sides) or none (a last bar without a signal). Every value is in the terms
of the bar's own day, as a trader saw it: forward-adjusted values, those of bars before
included, over that bar's cumulative factor.
#}
{% macro strategy(buy=none, sell=none, parameters=none) %}
{%- set parameters = check_strategy(buy, sell, parameters) -%}
{%- if model.swept_rules is defined -%}
    {{ return(keep_swept_rules(buy, sell, parameters)) }}
{%- endif -%}
{%- set name = strategy_name() -%}
{%- set rule = 'Buy when ' ~ buy.rule ~ '; sell when ' ~ sell.rule ~ '.' -%}
{%- set about -%}
    'rule', '{{ rule }}',
                'parameters', {{ json_literal(parameters) }},
                'version', '{{ strategy_version() }}'
{%- endset -%}
with

{{ bars_with_values(buy.operands + sell.operands) }}

decided as (

    select
        *,
        coalesce({{ buy.condition }}, false) as is_buy,
        coalesce({{ sell.condition }}, false) as is_sell

    from joined_to_previous

),

sided as (

    select
        *,
        case
            when is_buy and is_sell then 'both'
            when is_buy{{ began('is_buy', buy) }} then 'buy'
            when is_sell{{ began('is_sell', sell) }} then 'sell'
            when is_last then 'none'
        end as side

    from decided
    window bars_of_symbol as (partition by symbol order by bar_date)

),

explained as (

    select
        '{{ name }}|' || symbol || '|' || {{ date_text('bar_date') }}
            as signal_key,
        '{{ name }}' as strategy,
        symbol,
        bar_date,
        side,
        close_as_traded as close,
        case side
            when 'buy' then {{ why(about, buy) }}
            when 'sell' then {{ why(about, sell) }}
            else {% call json_document() %}{% call json_object() %}
                {{ about }},
                'buy', {{ why_not(buy) }}, 'sell', {{ why_not(sell) }}
            {% endcall %}{% endcall %}
        end as details

    from sided
    where side is not null

)

select * from explained
{% endmacro %}

{# That a state was not there on the bar before; an event needs no asking. #}
{% macro began(column, rule) -%}
    {%- if not rule.is_event %}
                and not lag({{ column }}, 1, false) over bars_of_symbol
    {%- endif -%}
{%- endmacro %}

{# A signal's details: what is said of every bar, and of the rule that held. #}
{% macro why(about, rule) -%}
    {% call json_document() %}{% call json_object() %}
        {{ about }},
        'sentence',
        symbol || ': ' || {{ rule.happened }} || ' on '
        || {{ date_text('bar_date') }} || coalesce('; ' || {{ rule.before }}, '')
        || '.',
        'predicates',
        {% call json_array() %}{{ rule.predicates | join(', ') }}{% endcall %},
        'previous', {% call json_object() %}
            {%- for name, sql in previous_values(rule).items() %}
            '{{ name }}', {{ sql }}{% if not loop.last %},{% endif %}
            {%- endfor %}
        {% endcall %}
    {% endcall %}{% endcall %}
{%- endmacro %}

{# What a bar without a signal says of a rule. #}
{% macro why_not(rule) -%}
    {% call json_object() %}
        'missing', {{ rule.missing }},
        'predicates',
        {% call json_array() %}{{ rule.predicates | join(', ') }}{% endcall %}
    {% endcall %}
{%- endmacro %}

{# The bar before's value of everything a rule looks at. #}
{% macro previous_values(rule) %}
    {% set values = {} %}
    {% for operand in rule.operands if operand.column %}
        {% do values.update({operand.now.name: operand.before.sql}) %}
    {% endfor %}
    {{ return(values) }}
{% endmacro %}
