"""TimescaleDB is used where it is; without it nothing happens, whatever is asked."""

import pytest

from desk.database import Database
from desk.longer_bars import NAMES, continuous_aggregates
from desk.migrate import FOLDER, migrate
from desk.settings import Settings
from flows.transform import build
from ingest.chunks import RUNS
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

STATEMENTS = (FOLDER / "sql" / "hypertables.sql").read_text()


def test_without_the_extension_prices_stay_a_plain_table_even_with_columnstore_on(
    database: Database,
) -> None:
    for columnstore in ("on", "off", "on"):
        migrate(database, columnstore)

    with database.connect("reader") as conn:
        kind = conn.execute(
            "select relkind::text, reloptions from pg_class"
            " where oid = 'raw.raw_prices'::regclass"
        )
        assert kind.fetchone() == ("r", None)


def test_with_the_extension_the_settings_suit_daily_bars(database: Database) -> None:
    """Run against stand-ins that write down what TimescaleDB is asked for."""
    with database.connect(autocommit=True) as conn:
        conn.execute(STAND_INS)
        for columnstore in ("off", "on", "on", "off"):
            conn.execute(
                "select set_config('desk.columnstore', %s, false)", [columnstore]
            )
            # The one statement that plain Postgres has no stand-in for.
            conn.execute(
                STATEMENTS.replace("pg_extension", "stand_in.pg_extension").replace(
                    ALTER, "perform stand_in.called('alter table');"
                )
            )
        calls = conn.execute("select call from stand_in.calls order by id").fetchall()

    assert [call for (call,) in calls] == [
        "create_hypertable raw.raw_prices bar_date 1 year false true",
        "alter table",
        "add_columnstore_policy raw.raw_prices 2 years",
        "remove_columnstore_policy raw.raw_prices",
    ]
    with database.connect() as conn:
        conn.execute(
            "insert into raw.raw_prices"
            " values ('A', '2013-01-07', 1, 1, 1, 1, 1, 'made-up', now())"
        )
        changes = conn.execute("select symbol from raw.bar_changes").fetchall()
    assert changes == [("A",)]


def test_the_limit_on_restated_bars_is_lifted_where_there_is_one(
    database: Database,
) -> None:
    setting = (
        "select current_setting("
        "'timescaledb.max_tuples_decompressed_per_dml_transaction', true)"
    )
    with database.connect(autocommit=True) as conn:
        assert RUNS.allow_restating(conn) is None
        assert conn.execute(setting).fetchone() == (None,)

        conn.execute(STAND_INS)
        conn.execute("set search_path = stand_in, pg_catalog")
        with conn.transaction():
            RUNS.allow_restating(conn)
            assert conn.execute(setting).fetchone() == ("0",)
        assert conn.execute(setting).fetchone() == ("",)


@pytest.mark.slow
def test_what_dbt_stores_by_symbol_and_session_becomes_hypertables_again_and_again(
    built: Database, built_settings: Settings, copies: CopyDatabase
) -> None:
    """Also: an increment in chunks ends where a full build of a plain table does."""
    plain, in_chunks = copies(built), copies(built)
    for database in (plain, in_chunks):
        with database.connect() as conn:
            conn.execute(CORRECTION)
    build(built_settings, plain, select=MODELS, full_refresh=True)

    pretend(in_chunks)
    build(built_settings, in_chunks, select=MODELS)
    assert rows_of(in_chunks, STORED) == rows_of(plain, STORED)
    assert calls(in_chunks) == sorted(["refresh raw.bars_monthly", *HYPERTABLES])

    build(built_settings, in_chunks, select=MODELS, full_refresh=True)
    assert rows_of(in_chunks, STORED) == rows_of(plain, STORED)
    assert calls(in_chunks) == sorted(2 * ["refresh raw.bars_monthly", *HYPERTABLES])


def test_aggregates_hold_the_rows_of_the_views(
    built: Database, copies: CopyDatabase
) -> None:
    database = copies(built)
    views = [
        rows_of(database, f"select * from raw.{name} order by 1, 2") for name in NAMES
    ]

    pretend(database)

    for name, rows in zip(NAMES, views, strict=True):
        assert len(rows) > 500
        assert rows_of(database, f"select * from raw.{name} order by 1, 2") == rows


def pretend(database: Database) -> None:
    """Let the database look like one with TimescaleDB, its aggregates made."""
    continuous = (FOLDER / "sql" / "bars_continuous.sql").read_text()
    assert continuous.count(WITH) == continuous.count("with no data") == 2
    with database.connect(autocommit=True) as conn:
        conn.execute(STAND_INS)
        name = database.parameters["dbname"]
        conn.execute(
            f"alter database {name} set search_path = stand_in, public, pg_catalog"
        )
    with database.connect("owner", autocommit=True) as conn:
        assert continuous_aggregates(conn) == []
        conn.execute("drop view raw.bars_weekly, raw.bars_monthly cascade")
        conn.execute(continuous.replace(WITH, "as").replace("with no data", ""))
    with database.connect() as conn:
        # One of them: dbt's marts on both went away with the views.
        conn.execute(
            "insert into timescaledb_information.continuous_aggregates"
            " values ('raw', 'bars_monthly')"
        )


def calls(database: Database) -> list[str]:
    return [
        row["call"]
        for row in rows_of(database, "select call from stand_in.calls order by call")
    ]


WITH = "with (timescaledb.continuous, timescaledb.materialized_only = false) as"
MODELS = ["path:models/staging", "path:models/intermediate"]
HYPERTABLES = [
    f"create_hypertable intermediate.{name} bar_date 1 year false true"
    for name in (
        *("int_bars", "int_levels", "int_momentum"),
        *("int_trend", "int_volatility", "int_volume"),
    )
]
# An increment equals a full build to 1e-9.
STORED = """
select symbol, bar_date, round(sma_200::numeric, 6) as sma_200,
    round(rsi_14::numeric, 6) as rsi_14, round(adx_14::numeric, 6) as adx_14,
    round(bollinger_upper_20::numeric, 6) as bollinger_upper_20, obv
from intermediate.int_indicators
order by symbol, bar_date
"""
CORRECTION = """
update raw.raw_prices set close = low where symbol = 'AAPL' and bar_date = '2013-01-15';
delete from raw.raw_prices where symbol = 'IBM' and bar_date = '2012-12-03';
"""
ALTER = """\
alter table raw.raw_prices set (
            timescaledb.enable_columnstore = true,
            timescaledb.segmentby = 'symbol',
            timescaledb.orderby = 'bar_date'
        );"""
STAND_INS = """
create schema stand_in;
create schema timescaledb_information;
create table stand_in.pg_extension as select 'timescaledb' as extname;
create table stand_in.calls (id bigint generated always as identity, call text);
create table timescaledb_information.jobs (
    hypertable_schema text, hypertable_name text, proc_name text
);
create table timescaledb_information.hypertables (
    hypertable_schema text, hypertable_name text
);
create table timescaledb_information.continuous_aggregates (
    view_schema text, view_name text
);
create function stand_in.called(call text) returns void
language sql as 'insert into stand_in.calls (call) values (call)';
create function create_hypertable(
    relation regclass, time_column_name name, chunk_time_interval interval,
    create_default_indexes boolean, migrate_data boolean,
    if_not_exists boolean default false
) returns void language plpgsql as $$
begin
    if exists (
        select from pg_trigger
        where tgrelid = relation and (tgoldtable is not null or tgnewtable is not null)
    ) then
        raise 'triggers with transition tables are not supported';
    end if;
    insert into timescaledb_information.hypertables
    select relnamespace::regnamespace::text, relname from pg_class where oid = relation;
    perform stand_in.called(concat_ws(
        ' ', 'create_hypertable', relation, time_column_name,
        chunk_time_interval, create_default_indexes::text, migrate_data::text
    ));
end
$$;
create procedure add_columnstore_policy(hypertable regclass, after interval)
language sql as $$
    insert into timescaledb_information.jobs
    values ('raw', 'raw_prices', 'policy_compression');
    select stand_in.called('add_columnstore_policy ' || hypertable || ' ' || after)
$$;
create procedure remove_columnstore_policy(hypertable regclass)
language sql as $$
    delete from timescaledb_information.jobs;
    select stand_in.called('remove_columnstore_policy ' || hypertable)
$$;
create procedure refresh_continuous_aggregate(view regclass, since text, until text)
language plpgsql as $$
begin
    perform stand_in.called('refresh ' || view);
    execute format('refresh materialized view %s', view);
end
$$;
create function time_bucket(width interval, day date) returns date
language sql immutable return date_trunc(
    case width when interval '1 week' then 'week' else 'month' end, day
)::date;
create type stand_in.point as (at date, value double precision);
create function stand_in.earlier(
    kept stand_in.point, value double precision, at date
) returns stand_in.point language sql immutable return
case when at >= (kept).at then kept else row(at, value)::stand_in.point end;
create function stand_in.later(
    kept stand_in.point, value double precision, at date
) returns stand_in.point language sql immutable return
case when at <= (kept).at then kept else row(at, value)::stand_in.point end;
create function stand_in.value_of(kept stand_in.point) returns double precision
language sql immutable return (kept).value;
create aggregate first (double precision, date) (
    sfunc = stand_in.earlier, stype = stand_in.point, finalfunc = stand_in.value_of
);
create aggregate last (double precision, date) (
    sfunc = stand_in.later, stype = stand_in.point, finalfunc = stand_in.value_of
);
grant usage on schema stand_in, timescaledb_information to public;
grant all on all tables in schema stand_in, timescaledb_information to public;
"""
