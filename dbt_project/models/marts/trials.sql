-- A configuration that is run again on other data, or by other code, is no new attempt:
-- the best is chosen among configurations, and the newest trial of each speaks for it.
with

trials as (

    select * from {{ source('research', 'trials') }}

),

configurations as (

    select distinct on (strategy, version, parameters)
        strategy,
        version,
        parameters,
        coalesce(sharpe, 0) as sharpe

    from trials
    order by strategy asc, version asc, parameters asc, trial_id desc

),

counted as (

    select
        count(*) as trials,
        var_samp(sharpe) as variance,
        cast(0.57721566490153286 as double precision) as euler,
        1 - cast(1 as double precision) / nullif(count(*), 0) as best,
        1 - 1 / (nullif(count(*), 0) * exp(cast(1 as double precision))) as next_best

    from configurations

),

-- What the best of so many would show without any skill (Bailey and López de Prado
-- 2014); Euler's constant weighs the two quantiles.
expected as (

    select
        trials,
        case
            when trials > 1
                then sqrt(variance) * (
                    (1 - euler) * {{ normal_quantile('best') }}
                    + euler * {{ normal_quantile('next_best') }}
                )
            else 0
        end as expected_maximum

    from counted

),

judged as (

    select
        trials.trial_id,
        trials.strategy,
        trials.version,
        trials.parameters,
        trials.accounts,
        trials.settings,
        trials.first_session,
        trials.last_session,
        trials.data_fingerprint,
        trials.code,
        trials.git_commit,
        trials.run_at,
        trials.metrics,
        trials.observations,
        trials.skewness,
        trials.kurtosis,
        trials.sharpe * sqrt(cast(252 as double precision)) as sharpe,
        {{ probabilistic_sharpe(
            'sharpe', 'observations', 'skewness', 'kurtosis', '0'
        ) }} as probabilistic_sharpe,
        {{ probabilistic_sharpe(
            'sharpe', 'observations', 'skewness', 'kurtosis',
            'expected.expected_maximum',
        ) }} as deflated_sharpe,
        expected.expected_maximum * sqrt(cast(252 as double precision))
            as expected_maximum,
        expected.trials

    from trials
    cross join expected

)

select * from judged
