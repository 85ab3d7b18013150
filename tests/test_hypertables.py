"""TimescaleDB is used where it is; without it nothing happens, whatever is asked."""

from desk.database import Database
from desk.migrate import FOLDER, migrate
from ingest.chunks import RUNS

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
create function stand_in.called(call text) returns void
language sql as 'insert into stand_in.calls (call) values (call)';
create function create_hypertable(
    relation regclass, time_column_name name, chunk_time_interval interval,
    create_default_indexes boolean, migrate_data boolean
) returns void language plpgsql as $$
begin
    if exists (
        select from pg_trigger
        where tgrelid = relation and (tgoldtable is not null or tgnewtable is not null)
    ) then
        raise 'triggers with transition tables are not supported';
    end if;
    insert into timescaledb_information.hypertables values ('raw', 'raw_prices');
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
"""
