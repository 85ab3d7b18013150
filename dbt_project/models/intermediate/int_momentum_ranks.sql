-- Ranked on the first session of each month, among the symbols that traded on it; that
-- rank stands until the next month. roc_252 is NULL in a symbol's first year: no rank.
with

levels as (

    select
        symbol,
        bar_date,
        roc_252

    from {{ ref('int_levels') }}

),

first_sessions as (

    select
        date_trunc('month', bar_date) as month,
        min(bar_date) as bar_date

    from levels
    group by date_trunc('month', bar_date)

),

ranked as (

    select
        first_sessions.month,
        levels.symbol,
        levels.roc_252,
        rank() over (
            partition by first_sessions.month
            order by levels.roc_252 desc, levels.symbol asc
        ) as momentum_rank

    from first_sessions
    inner join levels using (bar_date)
    where levels.roc_252 is not null

),

kept_for_the_month as (

    select
        levels.symbol,
        levels.bar_date,
        cast(ranked.momentum_rank as double precision) as momentum_rank,
        ranked.roc_252 as momentum_252

    from levels
    inner join ranked
        on
            levels.symbol = ranked.symbol
            and date_trunc('month', levels.bar_date) = ranked.month

)

select * from kept_for_the_month
