"""A snapshot is whole, as known at a moment, and nothing at all until it is done."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from desk.snapshot import snapshot
from desk.snapshot_check import check_snapshot
from tests.conftest import CopyDatabase, url_of
from tests.dbt.rows import rows_of
from tests.processes import PYTHON, environment

PRICES = "select * from raw.raw_prices order by symbol, bar_date"
FIRST = "raw_prices/year=2000/part-0.parquet"


def bars_in(folder: Path) -> list[dict[str, object]]:
    files = sorted((folder / "raw_prices").rglob("*.parquet"))
    rows = pa.concat_tables([parquet.ParquetFile(file).read() for file in files])
    ordered = rows.sort_by([("symbol", "ascending"), ("bar_date", "ascending")])
    return list(ordered.to_pylist())


def test_every_bar_and_action_comes_back(built: Database, tmp_path: Path) -> None:
    report = snapshot(built, str(tmp_path / "sample"))
    assert bars_in(tmp_path / "sample") == rows_of(built, PRICES)
    actions = parquet.ParquetFile(tmp_path / "sample/corporate_actions/part-0.parquet")
    assert actions.read().to_pylist() == rows_of(
        built, "select * from raw.corporate_actions order by symbol, ex_date, kind"
    )
    assert report.rows == 12_154 + 95
    assert check_snapshot(str(tmp_path / "sample")) == report


def test_the_same_data_has_the_same_fingerprint_and_other_data_another(
    built: Database, copies: CopyDatabase, tmp_path: Path
) -> None:
    database = copies(built)
    found = []
    for name in ("one", "again", "other"):
        if name == "other":
            with database.connect() as conn:
                conn.execute(
                    "update raw.raw_prices set volume = volume + 1"
                    " where symbol = 'IBM' and bar_date = '2010-01-05'"
                )
        snapshot(database, str(tmp_path / name))
        manifest = json.loads((tmp_path / name / "manifest.json").read_text())
        found.append(manifest["fingerprint"])
    assert found[0] == found[1] != found[2]


def test_a_snapshot_as_of_a_moment_holds_what_was_known_then(
    database: Database, tmp_path: Path
) -> None:
    noon = datetime(2024, 1, 3, 12, tzinfo=UTC)
    bar = "('ALL', '2024-01-02', {0}, {0}, {0}, {0}, 10, 'made-up', %s)"
    with database.connect() as conn:
        conn.execute(
            f"insert into raw.raw_prices values {bar.format(11)}".encode(), [noon]
        )
        conn.execute(
            "insert into raw.raw_price_revisions (symbol, bar_date, open, high, low,"
            " close, volume, source, known_at, superseded_at)"
            f" values {bar.format(10)[:-1]}, %s)".encode(),
            [noon - timedelta(hours=5), noon],
        )
    closes = {}
    for hours in (-1, 1):
        folder = tmp_path / str(hours)
        snapshot(database, str(folder), as_of=noon + timedelta(hours=hours))
        closes[hours] = [bar["close"] for bar in bars_in(folder)]
    assert closes == {-1: [10], 1: [11]}
    nothing = tmp_path / "nothing"
    with pytest.raises(DeskError, match="no price was known at 2024-01-03 06:00 UTC"):
        snapshot(database, str(nothing), as_of=noon - timedelta(hours=6))
    assert not nothing.exists()


def test_nothing_and_an_empty_text_stay_apart(
    database: Database, tmp_path: Path
) -> None:
    with database.connect() as conn:
        conn.execute(
            "insert into raw.raw_prices values"
            " ('NULL', '2024-01-02', 1, 1, 1, 'infinity', 0.1, '', now()),"
            " ('NAN', '2024-01-02', 1, 1, 1, 1e-300, 1, E'a,\"\\n', now())"
        )
    snapshot(database, str(tmp_path / "odd"))
    assert bars_in(tmp_path / "odd") == rows_of(database, PRICES)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda file: file.unlink(), f"{FIRST}: missing"),
        (lambda file: file.write_bytes(file.read_bytes()[:-9]), "bytes instead of"),
        (
            lambda file: file.write_bytes(b"x" + file.read_bytes()[1:]),
            f"{FIRST}: altered",
        ),
        (
            lambda file: file.with_name("part-1.parquet").write_bytes(b""),
            "raw_prices/year=2000/part-1.parquet: not in the manifest",
        ),
    ],
)
def test_a_check_names_the_file_and_what_is_wrong(
    built: Database, tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    snapshot(built, str(tmp_path / "sample"))
    harm(tmp_path / "sample" / FIRST)
    with pytest.raises(DeskError, match=said):
        check_snapshot(str(tmp_path / "sample"))


def test_an_altered_manifest_is_noticed(built: Database, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    snapshot(built, str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"]["raw_prices"]["files"][0]["rows"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DeskError, match=r"rows instead of.*rows are noted"):
        check_snapshot(str(folder))
    (folder / "manifest.json").unlink()
    with pytest.raises(DeskError, match="no snapshot"):
        check_snapshot(str(folder))


def test_nothing_that_is_there_is_overwritten(built: Database, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    with pytest.raises(DeskError, match="something else is there"):
        snapshot(built, str(kept))
    snapshot(built, str(tmp_path / "sample"))
    with pytest.raises(DeskError, match="a snapshot is there already"):
        snapshot(built, str(tmp_path / "sample"))


def test_an_object_store_takes_one_too(built: Database) -> None:
    report = snapshot(built, "memory://desk/sample")
    assert check_snapshot("memory://desk/sample") == report
    store = fsspec.filesystem("memory")
    store.rm("/desk/sample/manifest.json")
    with pytest.raises(DeskError, match="no snapshot"):
        check_snapshot("memory://desk/sample")
    with pytest.raises(DeskError, match="something else is there"):
        snapshot(built, "memory://desk/sample")
    # So marked it is what a run that died has left: written anew.
    store.pipe_file("/desk/sample/unfinished", b"")
    assert snapshot(built, "memory://desk/sample") == report
    assert not store.exists("/desk/sample/unfinished")
    store.rm("/desk", recursive=True)


def test_an_address_that_means_nothing_is_named(built: Database) -> None:
    with pytest.raises(DeskError, match="nowhere://x"):
        snapshot(built, "nowhere://x")


def test_a_snapshot_killed_in_the_middle_leaves_nothing_and_the_next_one_works(
    built: Database, copies: CopyDatabase, tmp_path: Path
) -> None:
    database = copies(built)
    settings = Settings(home=tmp_path / "home", database_url=url_of(database))
    target = tmp_path / "files" / "sample"
    target.parent.mkdir()
    command = [*PYTHON, "desk", "snapshot", "--to", str(target)]
    with subprocess.Popen(command, env=environment(settings)) as process:
        while (
            not any(target.parent.glob(".*/*/*/*.parquet")) and process.poll() is None
        ):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(list(target.parent.iterdir())) == 1
    # One of another name takes away what was left, too.
    snapshot(database, str(target.with_name("next")))
    assert [path.name for path in target.parent.iterdir()] == ["next"]
    snapshot(database, str(target))
    assert check_snapshot(str(target)).rows == 12_154 + 95


def test_of_two_at_once_to_one_place_one_is_whole_and_the_other_is_refused(
    built: Database, tmp_path: Path
) -> None:
    target = str(tmp_path / "sample")

    def attempt(_: int) -> str:
        try:
            return snapshot(built, target).location
        except DeskError as refused:
            return str(refused)

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(attempt, range(2)))
    assert said == [
        target,
        f"{target}: a snapshot is there already; name another place",
    ]
    assert check_snapshot(target).rows == 12_154 + 95
