with

prices as (

    {{ changed(ref('stg_prices'), 'bar_date', and_previous=true) }}

),

corporate_actions as (

    {{ changed(ref('stg_corporate_actions'), 'ex_date') }}

),

joined_to_previous_bar as (

    select
        symbol,
        bar_date,
        lag(bar_date) over (partition by symbol order by bar_date)
            as previous_bar_date,
        lag(close) over (partition by symbol order by bar_date)
            as previous_close

    from prices

),

-- The first bar on or after the ex-date. NaN and infinity are no ratio, and in
-- Postgres neither is less than infinity.
placed as (

    select
        corporate_actions.symbol,
        corporate_actions.ex_date,
        corporate_actions.kind,
        corporate_actions.value,
        bars.bar_date,
        bars.previous_close,
        case
            when
                corporate_actions.kind = 'split'
                and corporate_actions.value < 'infinity'
                then corporate_actions.value
            else 1
        end as split_ratio

    from corporate_actions
    left join joined_to_previous_bar as bars
        on
            corporate_actions.symbol = bars.symbol
            and corporate_actions.ex_date <= bars.bar_date
            and corporate_actions.ex_date
            > coalesce(bars.previous_bar_date, {{ beginning_of_time() }})

),

-- A dividend is paid per share of its ex-date: after the splits up to it.
restated as (

    select
        symbol,
        ex_date,
        kind,
        value,
        bar_date,
        split_ratio,
        previous_close / {{ product('split_ratio', so_far='splits_so_far') }}
            as previous_close

    from placed
    window splits_so_far as (
        partition by symbol, bar_date
        order by ex_date
        range between unbounded preceding and current row
    )

),

judged as (

    select
        *,
        case
            when bar_date is null then 'pending'
            when previous_close is null then 'before the first bar'
            when kind = 'split' and value < 'infinity' then 'applied'
            when kind = 'dividend' and value < previous_close then 'applied'
            else 'impossible'
        end as outcome

    from restated

),

weighed as (

    select
        symbol,
        ex_date,
        kind,
        value,
        bar_date,
        previous_close,
        outcome,
        case
            when outcome = 'applied' and kind = 'split' then value
            when outcome = 'applied' then previous_close / (previous_close - value)
            else 1
        end as factor,
        case when outcome = 'applied' then split_ratio else 1 end as split_ratio

    from judged

)

select * from weighed
