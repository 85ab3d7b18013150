-- The trial ledger: every configuration that was ever backtested, so that the best of
-- many is not taken for skill. Written by dbt's builds and by sweeps, never changed.

create table research.trials (
    trial_id bigint generated always as identity primary key,
    strategy text not null,
    version text not null,
    parameters jsonb not null,
    accounts text not null check (accounts in ('portfolio', 'symbols')),
    settings jsonb not null,
    first_session date not null,
    last_session date not null,
    data_fingerprint text not null,
    code text not null,
    git_commit text,
    observations bigint not null,
    sharpe double precision,
    skewness double precision,
    kurtosis double precision,
    metrics jsonb not null,
    run_at timestamptz not null default now(),
    unique (
        strategy, version, parameters, accounts, settings, first_session,
        last_session, data_fingerprint, code
    )
);
comment on table research.trials is
'One row per trial, append-only: a strategy''s version and parameters backtested '
'with these settings on these data by this code, however often it was run.';
comment on column research.trials.accounts is
'portfolio: one account for all symbols; symbols: the sum of an account for each.';
comment on column research.trials.settings is
'Costs, cash and position limits of the backtest.';
comment on column research.trials.data_fingerprint is
'Hash of the forward-adjusted bars.';
comment on column research.trials.code is
'Hash of the SQL that calculates.';
comment on column research.trials.git_commit is
'Commit it was first run from; null outside of git or with changes of its own.';
comment on column research.trials.sharpe is
'Mean over sample standard deviation of the daily returns, not annualised; null '
'where they don''t vary.';
comment on column research.trials.kurtosis is
'Fourth standardised moment of the daily returns, 3 for a normal distribution.';
comment on column research.trials.run_at is
'When it was first run.';

create trigger trials_are_append_only
before update or delete or truncate on research.trials
for each statement execute function trading.refuse_change();

grant insert on research.trials to desk_dbt;
