-- Whether this account can make the desk's roles and schema, or has.
select
    case
        when not exists (select from pg_roles where rolname = 'desk_owner')
            then true
        else pg_has_role('desk_owner', 'set')
    end
    or (select rolcreaterole from pg_roles where rolname = current_user);
