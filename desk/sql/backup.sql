-- What a backup holds: the tables and sequences of desk_owner's schemas. What dbt
-- calculates belongs to desk_dbt. yoyo's own tables are told by the list of migrations.

-- name: tables()
-- Each with its columns, but generated ones, which can't be written.
select
    quote_ident(schemas.nspname) || '.' || quote_ident(tables.relname) as name,
    string_agg(
        quote_ident(columns.attname), ', ' order by columns.attnum
    ) as columns
from pg_class as tables
inner join pg_namespace as schemas
    on tables.relnamespace = schemas.oid
inner join pg_attribute as columns
    on tables.oid = columns.attrelid
where
    tables.relkind = 'r'
    and schemas.nspowner = 'desk_owner'::regrole
    and schemas.nspname <> 'migrations'
    and columns.attnum > 0
    and columns.attgenerated = ''
    and not columns.attisdropped
group by schemas.nspname, tables.relname
order by schemas.nspname, tables.relname;

-- name: sequences()
select quote_ident(schemaname) || '.' || quote_ident(sequencename) as name
from pg_sequences
where
    sequenceowner = 'desk_owner'
    and schemaname <> 'migrations';

-- name: references()
-- Which table has to be there before which.
select
    quote_ident(schemas.nspname) || '.' || quote_ident(tables.relname) as referring,
    quote_ident(other_schemas.nspname) || '.' || quote_ident(other_tables.relname) as referred
from pg_constraint as keys
inner join pg_class as tables
    on keys.conrelid = tables.oid
inner join pg_namespace as schemas
    on tables.relnamespace = schemas.oid
inner join pg_class as other_tables
    on keys.confrelid = other_tables.oid
inner join pg_namespace as other_schemas
    on other_tables.relnamespace = other_schemas.oid
where
    keys.contype = 'f'
    and keys.conrelid <> keys.confrelid
    and schemas.nspowner = 'desk_owner'::regrole;

-- name: schemas()
-- All that a restore makes anew, with their owners.
select
    nspname as name,
    pg_get_userbyid(nspowner) as owner
from pg_namespace
where
    nspowner in ('desk_owner'::regrole, 'desk_dbt'::regrole)
    and nspname <> 'migrations'
order by nspname;

-- name: migrations()
select migration_id from migrations._yoyo_migration order by migration_id;

-- name: forget_migrations(kept)!
delete from migrations._yoyo_migration where migration_id <> all(:kept);
