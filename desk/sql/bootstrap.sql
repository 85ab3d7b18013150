-- Roles and schemas: what must be there before the first migration. Run by
-- the account of DESK_DATABASE_URL (or the embedded server's superuser) at
-- every start, in one transaction; a second run changes nothing.

do $$
declare
    role_name text;
begin
    foreach role_name in array array[
        'desk_owner', 'desk_ingest', 'desk_dbt', 'desk_executor', 'desk_reader',
        'desk_api'
    ] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
        if not pg_has_role(current_user, role_name, 'set') then
            execute format('grant %I to %I', role_name, current_user);
        end if;
    end loop;
end
$$;

create schema if not exists migrations authorization desk_owner;
create schema if not exists raw authorization desk_owner;
create schema if not exists trading authorization desk_owner;
create schema if not exists research authorization desk_owner;
-- The bucket of a shared rate limit makes its table itself (ingest/limits.py).
create schema if not exists limits authorization desk_ingest;
create schema if not exists staging authorization desk_dbt;
create schema if not exists intermediate authorization desk_dbt;
create schema if not exists marts authorization desk_dbt;

grant usage on schema raw
to desk_ingest, desk_dbt, desk_executor, desk_reader;
grant usage on schema trading
to desk_dbt, desk_executor, desk_reader, desk_api;
grant usage on schema research to desk_dbt, desk_reader;
grant usage on schema staging, intermediate to desk_reader;
grant usage on schema marts to desk_executor, desk_reader;

alter default privileges for role desk_owner in schema raw
grant select on tables to desk_dbt, desk_executor, desk_reader;
alter default privileges for role desk_owner in schema trading
grant select on tables to desk_dbt, desk_executor, desk_reader;
alter default privileges for role desk_owner in schema research
grant select on tables to desk_dbt, desk_reader;
alter default privileges for role desk_dbt in schema staging, intermediate
grant select on tables to desk_reader;
alter default privileges for role desk_dbt in schema marts
grant select on tables to desk_executor, desk_reader;
