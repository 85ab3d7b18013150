-- One price of 1e200 is finite, but its square overflows and stops every build.

create or replace function raw.is_sound_bar(
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
        low >= '1e-9'
        and low <= open
        and low <= close
        and open <= high
        and close <= high
        and high < '1e9'
        and volume >= 0
        and volume < '1e15'
        and volume = trunc(volume)
$$;
comment on function raw.is_sound_bar is
'Whether prices are from 1e-9 to below 1e9, low <= open, close <= high, and volume '
'is a whole number below 1e15; null where one of them is missing.';
