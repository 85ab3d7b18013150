#!/bin/sh
# Accounts of the services, made when the database is new. None but the owner may
# change the schema; the API reads, and may halt and resume; Superset may only read.
# POSTGRES_…_PASSWORD come from .env.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set=app="$POSTGRES_APP_PASSWORD" \
    --set=viewer="$POSTGRES_VIEWER_PASSWORD" \
    --set=dashboards="$POSTGRES_DASHBOARDS_PASSWORD" \
    --set=prefect="$POSTGRES_PREFECT_PASSWORD" <<'SQL'
select format('create role %I nologin', name)
from unnest(array[
    'desk_ingest', 'desk_dbt', 'desk_executor', 'desk_reader', 'desk_api'
]) as name
where not exists (select from pg_roles where rolname = name)
\gexec
create role desk_app login password :'app'
in role desk_ingest, desk_dbt, desk_executor, desk_reader;
create role desk_viewer login password :'viewer' in role desk_reader, desk_api;
create role desk_dashboards login password :'dashboards' in role desk_reader;
create role prefect login password :'prefect';
create database prefect owner prefect;
\connect prefect
create extension if not exists pg_trgm;
SQL
