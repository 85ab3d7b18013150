with

symbols as (

    select * from {{ ref('int_symbols') }}

),

sessions as (

    select
        session_date,
        row_number() over (order by session_date) as session_number

    from {{ source('raw', 'exchange_sessions') }}

),

actions as (

    select
        symbol,
        count(*) filter (where kind = 'split') as splits,
        count(*) filter (where kind = 'dividend') as dividends

    from {{ source('raw', 'corporate_actions') }}
    group by symbol

),

marks as (

    select
        symbol,
        count(*) as open_findings,
        string_agg(detail, '; ' order by bar_date desc) as findings

    from {{ source('raw', 'symbol_marks') }}
    where cleared_at is null
    group by symbol

),

first_bars as (

    select
        symbols.*,
        first_bar.bar_date as first_bar_date,
        max(symbols.last_bar_date) over () as newest_bar_date

    from symbols
    cross join lateral (
        select bars.bar_date
        from {{ ref('int_bars') }} as bars
        where bars.symbol = symbols.symbol
        order by bars.bar_date
        limit 1
    ) as first_bar

),

covered as (

    select
        first_bars.symbol,
        first_bars.first_bar_date as first_session,
        first_bars.last_bar_date as last_session,
        first_bars.bars,
        last_session.session_number - first_session.session_number + 1
        - first_bars.bars as missing_sessions,
        newest_session.session_number - last_session.session_number as behind,
        coalesce(actions.splits, 0) as splits,
        coalesce(actions.dividends, 0) as dividends,
        coalesce(marks.open_findings, 0) as open_findings,
        coalesce(marks.findings, 'none') as findings

    from first_bars
    inner join sessions as first_session
        on first_bars.first_bar_date = first_session.session_date
    inner join sessions as last_session
        on first_bars.last_bar_date = last_session.session_date
    inner join sessions as newest_session
        on first_bars.newest_bar_date = newest_session.session_date
    left join actions on first_bars.symbol = actions.symbol
    left join marks on first_bars.symbol = marks.symbol

)

select * from covered
