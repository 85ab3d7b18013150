-- Where the timescaledb extension is there, raw.raw_prices becomes a
-- hypertable with one-year chunks (7-day chunks make daily bars 100 times
-- slower to plan). Elsewhere nothing happens. A second run changes nothing.
--
-- The setting desk.columnstore ('on' or 'off') says whether chunks older than
-- two years are kept by column: a fifth of the size, slower to restate. Off
-- again, no more chunks are moved; moved ones stay and are read as before.
--
-- raw.raw_price_revisions stays plain: it is small, and its key has no date.

do $$
declare
    is_wanted boolean := coalesce(
        current_setting('desk.columnstore', true) = 'on', false
    );
    is_on boolean;
begin
    if not exists (select from pg_extension where extname = 'timescaledb') then
        return;
    end if;
    if not exists (
        select from timescaledb_information.hypertables
        where hypertable_schema = 'raw' and hypertable_name = 'raw_prices'
    ) then
        perform raw.unwatch_prices();
        perform create_hypertable(
            'raw.raw_prices',
            'bar_date',
            chunk_time_interval => interval '1 year',
            create_default_indexes => false,
            migrate_data => true
        );
        perform raw.watch_prices();
    end if;
    is_on := exists (
        select from timescaledb_information.jobs
        where
            hypertable_schema = 'raw'
            and hypertable_name = 'raw_prices'
            and proc_name in ('policy_compression', 'policy_columnstore')
    );
    if is_wanted and not is_on then
        alter table raw.raw_prices set (
            timescaledb.enable_columnstore = true,
            timescaledb.segmentby = 'symbol',
            timescaledb.orderby = 'bar_date'
        );
        call add_columnstore_policy('raw.raw_prices', after => interval '2 years');
    elsif is_on and not is_wanted then
        call remove_columnstore_policy('raw.raw_prices');
    end if;
end
$$;
