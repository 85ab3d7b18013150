-- What a backtest as of a moment takes from the desk into its own database.

-- name: abandoned(pattern)
-- Databases of such backtests that nobody is connected to: those of killed ones.
select datname
from pg_database
where
    datname like :pattern
    and not exists (
        select from pg_stat_activity
        where pg_stat_activity.datname = pg_database.datname
    )

-- name: prices_known(moment)
copy (
    select * from raw.prices_as_of(:moment) order by symbol, bar_date
) to stdout (format binary)

-- name: corporate_actions_known(moment)
copy (
    select * from raw.corporate_actions_as_of(:moment)
) to stdout (format binary)

-- name: take_prices()!
copy raw.raw_prices from stdin (format binary)

-- name: take_corporate_actions()!
copy raw.corporate_actions from stdin (format binary)

-- name: create_taken_trials#
create temporary table taken_trials (like research.trials) on commit drop;

-- name: trials()
copy (select * from research.trials) to stdout (format binary)

-- name: take_trials()!
copy taken_trials from stdin (format binary)

-- name: record_trials()!
insert into research.trials (
    strategy, version, parameters, accounts, settings, first_session, last_session,
    data_fingerprint, code, git_commit, observations, sharpe, skewness, kurtosis,
    metrics, run_at
)
select
    strategy,
    version,
    parameters,
    accounts,
    settings,
    first_session,
    last_session,
    data_fingerprint,
    code,
    git_commit,
    observations,
    sharpe,
    skewness,
    kurtosis,
    metrics,
    run_at
from taken_trials
order by trial_id
on conflict do nothing;
