"""What is backed up comes back: the same desk, on another server, later."""

import json
import zipfile
from pathlib import Path

import pytest

from desk.backup import backup
from desk.calendar import desk_clock
from desk.database import Database
from desk.errors import DeskError
from desk.migrate import migrate
from desk.restore import restore
from desk.settings import Settings
from executor.execute import execute
from executor.publish import publish
from executor.replay import replay
from flows.stages import Desk
from flows.transform import build
from ingest.load import load
from tests.conftest import CopyDatabase
from tests.dbt.rows import rows_of

KEPT = ("raw", "trading", "research")
# What a load that finds nothing new writes: its row, its random id, and that it was.
OF_THE_RUN = ("raw.ingest_runs", "raw.loaded_symbols", "trading.feed_events")


def tables(database: Database, *schemas: str) -> list[str]:
    rows = rows_of(
        database,
        "select format('%I.%I', table_schema, table_name) as name"
        " from information_schema.tables where table_type = 'BASE TABLE'"
        f" and table_schema in ({', '.join(repr(s) for s in schemas)}) order by 1",
    )
    return [row["name"] for row in rows]


def digests(database: Database, *schemas: str) -> dict[str, str]:
    """A hash of every table's rows, whatever their order."""
    return {
        table: rows_of(
            database,
            "select md5(string_agg(rows::text, '' order by rows::text)) as digest "
            f"from {table} as rows",
        )[0]["digest"]
        for table in tables(database, *schemas)
    }


def next_order_id(database: Database) -> object:
    with database.connect("owner") as conn:
        return conn.execute(
            "select nextval(pg_get_serial_sequence('trading.orders', 'id'))"
        ).fetchone()


@pytest.fixture(scope="module")
def traded(
    built: Database, templates: CopyDatabase, built_settings: Settings
) -> Database:
    database = templates(built)
    replay(built_settings, database, desk_clock(built_settings), 20)
    return database


@pytest.fixture(scope="module")
def saved(traded: Database, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "desk.backup"
    backup(traded, path)
    return path


@pytest.mark.slow
def test_a_restored_desk_goes_on_as_the_old_one(
    traded: Database, saved: Path, copies: CopyDatabase, settings: Settings
) -> None:
    old, new = copies(traded), copies(None)
    migrate(new)
    restore(new, saved)
    assert digests(new, *KEPT) == digests(old, *KEPT)

    clock = desk_clock(settings)
    for database in (old, new):
        desk = Desk(settings, database, clock)
        load(desk.settings, desk.database, desk.clock)
        build(desk.settings, desk.database)
        publish(desk.database, desk.clock)
        execute(desk.settings, desk.database, desk.clock)

    calculated = ("intermediate", "marts")
    assert digests(new, *calculated) == digests(old, *calculated)
    before, after = digests(old, *KEPT), digests(new, *KEPT)
    for table in OF_THE_RUN:
        assert before.pop(table) != after.pop(table)
    assert after == before
    assert next_order_id(new) == next_order_id(old)


def test_a_backup_is_not_restored_over_anything_unless_asked(
    traded: Database, saved: Path, copies: CopyDatabase
) -> None:
    other = copies(traded)
    with other.connect("executor") as conn:
        conn.execute("update trading.control set kill = 'all', reason = 'other'")
    before = digests(other, *KEPT)

    with pytest.raises(DeskError, match=r"not empty .*--replace"):
        restore(other, saved)
    assert digests(other, *KEPT) == before

    restore(other, saved, replace=True)
    assert digests(other, *KEPT) == digests(traded, *KEPT)


def test_a_damaged_backup_changes_nothing(
    traded: Database, saved: Path, copies: CopyDatabase, tmp_path: Path
) -> None:
    other = copies(traded)
    before = digests(other, *KEPT, "marts")
    damaged = tmp_path / "damaged"
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(damaged, "w") as copy:
        for name in whole.namelist():
            rows = whole.read(name)
            is_orders = name == "trading.orders"
            copy.writestr(name, rows[: rows.index(b"\n") + 1] if is_orders else rows)

    with pytest.raises(DeskError, match=r"damaged: trading\.orders has 1 of"):
        restore(other, damaged, replace=True)
    assert digests(other, *KEPT, "marts") == before

    cut = tmp_path / "cut"
    cut.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(DeskError, match="no backup, or damaged"):
        restore(other, cut, replace=True)
    with pytest.raises(DeskError, match="there is no file"):
        restore(other, tmp_path / "none", replace=True)


def test_a_backup_of_a_newer_desk_is_refused(
    saved: Path, copies: CopyDatabase, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    with zipfile.ZipFile(saved) as whole, zipfile.ZipFile(newer, "w") as copy:
        manifest = json.loads(whole.read("manifest.json"))
        manifest["migrations"].append("9999_later")
        copy.writestr("manifest.json", json.dumps(manifest))
    new = copies(None)
    migrate(new)
    with pytest.raises(DeskError, match=r"newer desk .*9999_later"):
        restore(new, newer)


def test_an_older_desks_backup_is_brought_to_this_ones_schema(
    copies: CopyDatabase, tmp_path: Path
) -> None:
    """The old desk: one without the last migration."""
    old, new = copies(None), copies(None)
    for database in (old, new):
        migrate(database)
    with old.connect("owner") as conn:
        conn.execute("drop table trading.told")
        conn.execute("drop trigger halts_are_recorded on trading.control")
        conn.execute("drop table trading.halts")
        conn.execute("alter table raw.ingest_runs drop column known_at")
        conn.execute("alter table trading.published_sessions drop code_version")
        conn.execute(
            "delete from migrations._yoyo_migration"
            " where migration_id = '0016_operations'"
        )
        conn.execute("update trading.control set first_session = '2013-03-01'")
    backup(old, tmp_path / "old")
    restore(new, tmp_path / "old")

    assert "trading.told" in tables(new, *KEPT)
    (control,) = rows_of(new, "select first_session from trading.control")
    assert str(control["first_session"]) == "2013-03-01"


def test_an_unfinished_backup_leaves_the_old_one(
    traded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "desk.backup"
    path.write_text("the old one")

    def out_of_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", out_of_space)
    with pytest.raises(DeskError, match="No space left"):
        backup(traded, path)
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(DeskError, match="can't be written"):
        backup(traded, tmp_path / "none" / "desk.backup")
