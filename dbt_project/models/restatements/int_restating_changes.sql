-- A version differs from the one published from if another superseded that since; a
-- row without any versions is new if the desk knew the symbol before, but not the row.
{% set kinds = {
    'bar': {
        'current': source('raw', 'raw_prices'),
        'revisions': source('raw', 'raw_price_revisions'),
        'key': ['symbol', 'bar_date'],
        'values': ['open', 'high', 'low', 'close', 'volume'],
    },
    'action': {
        'current': source('raw', 'corporate_actions'),
        'revisions': source('raw', 'corporate_action_revisions'),
        'key': ['symbol', 'ex_date', 'kind'],
        'values': ['value'],
    },
} %}
with

-- A symbol's own bars are behind its signals; all symbols' where a strategy ranks them.
restated as (

    select
        int_restated.signal_key,
        symbols.symbol,
        int_restated.bar_date,
        greatest(int_restated.published_at, (
            select min(prices.known_at)
            from {{ source('raw', 'raw_prices') }} as prices
            where prices.symbol = symbols.symbol
        )) as known_until

    from {{ ref('int_restated') }} as int_restated
    inner join {{ ref('int_symbols') }} as symbols
        on
            int_restated.symbol = symbols.symbol
            or int_restated.strategy
            = any('{ {{- ranking_strategies() | join(', ') -}} }')

),

unioned as (

    {% for kind, about in kinds.items() %}
        select
            restated.signal_key,
            restated.symbol,
            current.{{ about.key[1] }} as changed_date,
            '{{ 'bar' if kind == 'bar' else '' }}'
            {%- if kind == 'action' %} || current.kind{% endif %} as kind,
            case
                when before.revision_id is not null
                    then {{ as_json('before', about['values']) }}
            end as was,
            {{ as_json('current', about['values']) }} as became

        from restated
        inner join {{ about.current }} as current
            on
                restated.symbol = current.symbol
                and restated.bar_date >= current.{{ about.key[1] }}
        left join lateral (
            select *

            from {{ about.revisions }}
            where
                superseded_at >= restated.known_until
                {%- for column in about.key %}
                    and {{ column }} = current.{{ column }}
                {%- endfor %}
            order by superseded_at asc, revision_id asc
            limit 1
        ) as before on true
        where before.revision_id is not null or current.known_at > restated.known_until
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from unioned
