-- What changed in prices and corporate actions since they were last calculated:
-- dbt recomputes each symbol from its earliest change on, and takes the rows away
-- when all of that is built. Triggers write them, whoever changes a row and however.

create table raw.bar_changes (
    change_id bigint generated always as identity primary key,
    symbol text not null,
    first_bar_date date not null
);
comment on table raw.bar_changes is
'One row per statement and symbol that changed prices or corporate actions not yet '
'calculated: the first date it touched.';

grant delete on raw.bar_changes to desk_dbt;

create function raw.note_changed_bars() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into raw.bar_changes (symbol, first_bar_date)
    select symbol, min(bar_date) from changed group by symbol;
    return null;
end
$$;

create function raw.note_changed_actions() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into raw.bar_changes (symbol, first_bar_date)
    select symbol, min(ex_date) from changed group by symbol;
    return null;
end
$$;

-- A changed key leaves a row behind under the old one: both are noted.
create function raw.note_moved_row() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_table_name = 'raw_prices' then
        insert into raw.bar_changes (symbol, first_bar_date)
        values (old.symbol, old.bar_date);
    else
        insert into raw.bar_changes (symbol, first_bar_date)
        values (old.symbol, old.ex_date);
    end if;
    return null;
end
$$;

create function raw.note_truncated_bars() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into raw.bar_changes (symbol, first_bar_date)
    select distinct symbol, date '-infinity' from raw.raw_prices;
    return null;
end
$$;

-- For TimescaleDB's sake: a table with transition tables can't become a hypertable,
-- and a hypertable with a columnstore has none on delete.
create function raw.watch_prices() returns void
language plpgsql set search_path = pg_catalog as $$
begin
    create or replace trigger note_inserted_bars
    after insert on raw.raw_prices
    referencing new table as changed
    for each statement execute function raw.note_changed_bars();
    create or replace trigger note_updated_bars
    after update on raw.raw_prices
    referencing new table as changed
    for each statement execute function raw.note_changed_bars();
    create or replace trigger note_moved_bars
    after update of symbol, bar_date on raw.raw_prices
    for each row
    when (
        (old.symbol, old.bar_date) is distinct from (new.symbol, new.bar_date)
    )
    execute function raw.note_moved_row();
    create or replace trigger note_deleted_bars
    after delete on raw.raw_prices
    for each row execute function raw.note_moved_row();
    create or replace trigger note_truncated_bars
    before truncate on raw.raw_prices
    for each statement execute function raw.note_truncated_bars();
end
$$;

create function raw.unwatch_prices() returns void
language plpgsql set search_path = pg_catalog as $$
begin
    drop trigger if exists note_inserted_bars on raw.raw_prices;
    drop trigger if exists note_updated_bars on raw.raw_prices;
end
$$;

-- Noting what a COPY inserts costs it a quarter of its speed. A load of symbols of
-- which nothing is stored may put the trigger aside, until it ends, and note its
-- symbols itself; nobody reads the prices meanwhile.
create function raw.begin_first_load() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform raw.unwatch_prices();
end
$$;

create function raw.end_first_load(symbols text[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform raw.watch_prices();
    insert into raw.bar_changes (symbol, first_bar_date)
    select loaded.symbol, date '-infinity' from unnest(symbols) as loaded (symbol);
end
$$;

revoke execute on function
raw.watch_prices(), raw.unwatch_prices(),
raw.begin_first_load(), raw.end_first_load(text[])
from public;
grant execute on function raw.begin_first_load(), raw.end_first_load(text[])
to desk_ingest;

do $$ begin perform raw.watch_prices(); end $$;

create trigger note_inserted_actions
after insert on raw.corporate_actions
referencing new table as changed
for each statement execute function raw.note_changed_actions();
create trigger note_updated_actions
after update on raw.corporate_actions
referencing new table as changed
for each statement execute function raw.note_changed_actions();
create trigger note_moved_actions
after update of symbol, ex_date on raw.corporate_actions
for each row
when ((old.symbol, old.ex_date) is distinct from (new.symbol, new.ex_date))
execute function raw.note_moved_row();
create trigger note_deleted_actions
after delete on raw.corporate_actions
for each row execute function raw.note_moved_row();

insert into raw.bar_changes (symbol, first_bar_date)
select symbol, min(bar_date) from raw.raw_prices group by symbol;
