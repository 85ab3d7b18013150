-- What a snapshot holds: prices and corporate actions as they were known at a moment
-- (infinity: now), and what had been superseded until then.

-- name: wait_for_turn(lock)
select pg_advisory_lock(:lock);

-- name: years(moment)^
select
    extract(year from min(bar_date))::int as first_year,
    extract(year from max(bar_date))::int as last_year
from raw.prices_as_of(:moment);

-- name: newest_migration()$
select max(migration_id) from migrations._yoyo_migration;

-- name: raw_prices(moment, year)
select *
from raw.prices_as_of(:moment)
where
    bar_date >= make_date(:year, 1, 1)
    and bar_date < make_date(:year + 1, 1, 1)
order by symbol, bar_date;

-- name: raw_price_revisions(moment)
select *
from raw.raw_price_revisions
where superseded_at <= :moment
order by revision_id;

-- name: corporate_actions(moment)
select *
from raw.corporate_actions_as_of(:moment)
order by symbol, ex_date, kind;

-- name: corporate_action_revisions(moment)
select *
from raw.corporate_action_revisions
where superseded_at <= :moment
order by revision_id;
