-- Which load brought a bar, which code published a signal, what halted the desk,
-- and what people have been told.

comment on table raw.corporate_action_revisions is
'One row per superseded version of a corporate action.';

alter table raw.ingest_runs add column known_at timestamptz;
comment on column raw.ingest_runs.known_at is
'The desk''s clock during the run: known_at of the bars and actions it brought.';
create index on raw.ingest_runs (source, known_at);

alter table trading.published_sessions add column code_version text;
comment on column trading.published_sessions.code_version is
'The code that published the session: git''s commit, or the release.';

create table trading.halts (
    halt_id bigint generated always as identity primary key,
    kill text not null,
    reason text,
    halted_at timestamptz not null default now()
);
comment on table trading.halts is
'One row per time the desk was halted, by a person or by itself; written by trigger.';

create function trading.record_halt() returns trigger
language plpgsql security definer set search_path = trading, pg_temp as $$
begin
    insert into trading.halts (kill, reason) values (new.kill, new.reason);
    return null;
end
$$;

create trigger halts_are_recorded
after update on trading.control
for each row
when (new.kill <> 'off' and new.kill <> old.kill)
execute function trading.record_halt();

create table trading.told (
    event_key text not null,
    target text not null,
    begun_at timestamptz not null default clock_timestamp(),
    told_at timestamptz,
    primary key (event_key, target)
);
comment on table trading.told is
'One row per event and address that was told of it. A row is committed before the '
'message is sent, and taken back if that fails, so that nobody is told twice.';
comment on column trading.told.told_at is
'When the address took the message; NULL while it is sent, and for good if the desk '
'was killed meanwhile: then nobody knows.';
comment on column trading.told.target is
'First 16 hex digits of the address'' SHA-256; addresses hold secrets.';

-- Whoever may not migrate looks whether it is done.
grant usage on schema migrations to desk_reader;
grant select on migrations._yoyo_migration to desk_reader;

grant insert, update, delete on trading.told to desk_executor;
