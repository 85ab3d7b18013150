-- From dbt_project.yml alone; a symbol's prices have no say in it.
with

declared as (

    {% for name, given in declared_strategies().items() %}
        select
            cast('{{ name }}' as text) as strategy,
            cast('{{ strategy_version(name) }}' as text) as version,
            cast('{{ given | tojson }}' as {{ json_type() }}) as parameters
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

with_exits as (

    select
        strategy,
        version,
        {% for name in strategy_exits() %}
            cast(
                {{ json_text('parameters', name) }}
                as {{ 'bigint' if name.endswith('_bars') else 'double precision' }}
            ) as {{ name }},
        {% endfor %}
        coalesce(
            cast({{ json_text('parameters', 'has_shorts') }} as boolean), false
        ) as has_shorts,
        parameters

    from declared

)

select * from with_exits
