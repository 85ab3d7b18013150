-- The rules of a bar that need nothing but the bar, written once. Plain SQL, so
-- that Postgres writes them into the statement that calls them, even into a COPY.

create function raw.is_sound_bar(
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    volume double precision
)
returns boolean
language sql immutable parallel safe as $$
    -- Postgres sorts NaN above infinity.
    select
        low > 0
        and low <= open
        and low <= close
        and open <= high
        and close <= high
        and high < 'Infinity'
        and volume >= 0
        and volume < 'Infinity'
        and volume = trunc(volume)
$$;
comment on function raw.is_sound_bar is
'Whether prices are finite and positive, low <= open, close <= high, and volume '
'is a whole number; null where one of them is missing.';

-- A COPY can look up a bit, but no table.
create function raw.is_session(day date, first_date date, sessions bit varying)
returns boolean
language sql immutable parallel safe as $$
    select
        case
            when day between first_date and first_date + length(sessions) - 1
                then get_bit(sessions, day - first_date) = 1
        end
$$;
comment on function raw.is_session is
'Whether a day is a session; sessions: one bit per day from first_date on. Null '
'outside of them.';
