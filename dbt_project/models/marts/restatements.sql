with

restated as (

    select * from {{ ref('int_restated') }}

),

changes as (

    select * from {{ ref('int_restating_changes') }}

),

gathered as (

    select
        signal_key,
        count(*) as changes,
        min(changed_date) as first_changed_date,
        jsonb_agg(
            jsonb_build_object(
                'symbol', symbol, 'date', changed_date, 'kind', kind,
                'was', was, 'became', became
            )
            order by changed_date desc, symbol asc, kind asc
        ) as changed_bars

    from changes
    group by signal_key

),

explained as (

    select
        restated.signal_key,
        restated.strategy,
        restated.symbol,
        restated.bar_date,
        restated.kind,
        restated.published_side,
        restated.side,
        restated.published_at,
        restated.published_sentence,
        restated.sentence,
        case
            when gathered.changes is null then 'code'
            when restated.has_other_code then 'data and code'
            else 'data'
        end as cause,
        coalesce(gathered.changes, 0) as changes,
        gathered.first_changed_date,
        coalesce(gathered.changed_bars, cast('[]' as jsonb)) as changed_bars

    from restated
    left join gathered using (signal_key)

)

select * from explained
