with

trials as (

    select * from {{ ref('trials') }}

),

-- The newest trial of each configuration speaks for it.
newest as (

    select distinct on (strategy, version, parameters, accounts)
        strategy,
        parameters,
        accounts,
        last_session,
        run_at,
        sharpe,
        probabilistic_sharpe,
        deflated_sharpe,
        trials

    from trials
    order by
        strategy asc,
        version asc,
        parameters asc,
        accounts asc,
        trial_id desc

),

each_once as (

    select distinct parameters from newest

),

in_words as (

    select
        each_once.parameters,
        string_agg(
            replace(given.key, '_', ' ') || ' ' || given.value,
            ', ' order by given.key
        ) as words

    from each_once
    cross join jsonb_each_text(each_once.parameters) as given
    group by each_once.parameters

),

worded as (

    select
        {{ strategy_in_words('newest.strategy') }} as strategy,
        coalesce(in_words.words, '') as parameters,
        case newest.accounts
            when 'portfolio' then 'Portfolio' else 'Sum of symbols'
        end as account,
        newest.last_session,
        newest.run_at,
        newest.sharpe,
        newest.probabilistic_sharpe,
        newest.deflated_sharpe,
        newest.trials

    from newest
    left join in_words using (parameters)

)

select * from worded
