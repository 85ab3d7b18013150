{#
The CTEs of a strategy's bars, with what its rules look at: each operand's value on the
bar and on the ones before it, in the terms of the bar's own day. The last one is
joined_to_previous. `only`: SQL that says which bars, all if none.
#}
{% macro bars_with_values(operands, only=none) %}
{%- set known = known_values() -%}
{%- set columns = operands
    | map(attribute='column') | select('defined') | select | unique | list -%}
{%- set used = [] -%}
{%- for operand in operands -%}
    {%- do used.extend([operand.now.sql, operand.before.sql]) -%}
{%- endfor -%}
{%- set models = models_of(operands) -%}
bars as (

    select * from {{ ref('int_bars') }}
    {%- if only %}
    where {{ only }}
    {%- endif %}

),

{% for model_name in models %}
{{ model_name }} as (

    select * from {{ ref(model_name) }}
    {%- if only %}
    where {{ only }}
    {%- endif %}

),

{% endfor %}
measured as (

    select
        *
        {%- for column in columns if column not in known %},
        {{ computed_value(column).sql }} as {{ column }}
        {%- endfor %}

    from {{ indicators.walked('bars', joined=true) }}

),

joined_to_previous as (

    select
        symbol,
        bar_date,
        measured.bar_number,
        measured.close_as_traded,
        {%- for column in columns %}
        {%- set terms = (known.get(column) or computed_value(column)).terms %}
        {%- for name, value in {
            column: column,
            'previous_' ~ column: 'lag(' ~ column ~ ') over bars_of_symbol',
            'second_previous_' ~ column: 'lag(' ~ column ~ ', 2) over bars_of_symbol',
        }.items() if name in used %}
        {{ in_terms_of('measured', value, terms) }} as {{ name }},
        {%- endfor %}
        {%- endfor %}
        lead(bar_date) over bars_of_symbol is null as is_last

    from measured
    {%- for model_name in models %}
    left join {{ model_name }} using (symbol, bar_date)
    {%- endfor %}
    window bars_of_symbol as (partition by symbol order by bar_date)

),
{%- endmacro %}

{# The models that operands stand in, without int_bars. #}
{% macro models_of(operands) %}
    {% set columns = operands
        | map(attribute='column') | select('defined') | select | list %}
    {{ return(
        known_values().items() | selectattr(0, 'in', columns)
        | map(attribute='1.model') | reject('eq', 'int_bars') | unique | list
    ) }}
{% endmacro %}
