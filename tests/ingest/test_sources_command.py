"""`desk load` as people run it, from every source, with its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.load import LoadStep, load
from ingest.sources import Batch
from tests.conftest import url_of
from tests.ingest.conftest import WEDNESDAY, GivenSource, a_bar, rows_of
from tests.ingest.test_alpaca import a_bar as alpaca_bar
from tests.ingest.test_alpaca import bars_of, serve
from tests.ingest.test_yfinance import NOT_FOUND, chart

DESK = Path(sys.executable).with_name("desk")
CSV = "date,open,high,low,close,volume\n2013-01-07,10.5,11,10,10.75,1000\n"


class Command:
    """`desk load …` on a database of the test's own, as of 2013-01-10."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.settings = {
            "DESK_DATABASE_URL": url_of(database),
            "DESK_HOME": str(home),
            "DESK_AS_OF": "2013-01-10",
        }

    def __call__(
        self, *arguments: str, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        return self.run("load", *arguments, **settings)

    def run(
        self, *arguments: str, **settings: str
    ) -> "subprocess.CompletedProcess[str]":
        kept = {k: v for k, v in os.environ.items() if k[:5] not in ("DESK_", "APCA_")}
        return subprocess.run(
            [DESK, *arguments],
            capture_output=True,
            text=True,
            env=kept | self.settings | settings,
        )

    def query(self, query: str) -> list[tuple[Any, ...]]:
        return rows_of(self.database, query)


@pytest.fixture
def command(database: Database, tmp_path: Path) -> Command:
    return Command(database, tmp_path / "home")


def test_the_whole_load_succeeds_and_says_what_it_did(command: Command) -> None:
    done = command("--symbols", "FB,MSFT", "--since", "2013-01-07")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("✓ load     8 new bars, 0 changed")
    assert done.stderr == ""


def test_a_partial_load_ends_with_3_and_names_what_failed(
    command: Command, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/v1/test/getcrumb").respond_with_data("crumb")
    httpserver.expect_request("/").respond_with_data("")
    httpserver.expect_request("/v8/finance/chart/TRUE").respond_with_json(chart())
    httpserver.expect_request("/v8/finance/chart/GONE").respond_with_json(
        NOT_FOUND, status=404
    )
    yahoo = {
        "DESK_PRICE_SOURCE": "yfinance",
        "DESK_YFINANCE_URL": httpserver.url_for(""),
    }
    done = command("--symbols", "true,gone", **yahoo)

    assert done.returncode == 3, done.stderr
    assert "4 new bars" in done.stdout
    assert "no data for GONE: Yahoo says: No data found" in done.stdout
    assert done.stderr == "desk: no data for 1 of 2 symbols\n"
    assert command.query("select distinct symbol from raw.raw_prices") == [("TRUE",)]

    nothing = command("--symbols", "gone", **yahoo)
    assert nothing.returncode == 1
    assert nothing.stderr == (
        "desk: yfinance gave nothing for GONE: Yahoo says: No data found\n"
    )


@pytest.mark.slow
def test_a_vendor_is_asked_for_what_is_new_or_from_since_or_for_everything(
    command: Command, httpserver: HTTPServer
) -> None:
    serve(httpserver, bars_of({"AAPL": [alpaca_bar(WEDNESDAY)]}))
    alpaca = {
        "DESK_PRICE_SOURCE": "alpaca",
        "DESK_ALPACA_DATA_URL": httpserver.url_for(""),
        "DESK_SYMBOLS": "AAPL",
        "DESK_OVERLAP_SESSIONS": "2",
        "APCA_API_KEY_ID": "PKHUNTER",
        "APCA_API_SECRET_KEY": "hunter2",
    }
    calls = [(), (), ("--since", "2012-12-03"), ("--full",)]
    shown = [command(*arguments, **alpaca) for arguments in calls]

    assert [done.returncode for done in shown] == [0, 0, 0, 0], shown[0].stderr
    starts = [r.args["start"][:10] for r, _ in httpserver.log if "stocks" in r.path]
    assert starts == ["2000-01-01", "2013-01-08", "2012-12-03", "2000-01-01"]
    assert "hunter2" not in json.dumps([done.stdout + done.stderr for done in shown])


def test_files_load_by_their_path(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "NAN.csv"
    path.write_text(CSV)
    done = command("--source", "files", DESK_FILES_PATH=str(path))
    assert done.returncode == 0, done.stderr
    assert command.query("select symbol, close from raw.raw_prices") == [("NAN", 10.75)]


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (["--source", "bloomberg"], {}, "DESK_PRICE_SOURCE=bloomberg"),
        (["--since", "yesterday"], {}, "DESK_SINCE=yesterday"),
        (["--since", "2013-01-11"], {}, "DESK_SINCE=2013-01-11: is after the last"),
        (["--symbols", "TSLA"], {}, "DESK_SYMBOLS=TSLA: the sample has no TSLA"),
        ([], {"DESK_SYMBOLS_FILE": "/nowhere"}, "DESK_SYMBOLS_FILE=/nowhere"),
        (["--source", "alpaca"], {}, "APCA_API_KEY_ID=: the source alpaca needs"),
        (["--source", "files"], {}, "DESK_FILES_PATH=: the source files needs"),
        (["--source", "yfinance"], {}, "DESK_SYMBOLS=: yfinance needs symbols"),
    ],
)
def test_what_cannot_be_loaded_is_refused_with_2(
    arguments: list[str], settings: dict[str, str], said: str, command: Command
) -> None:
    done = command(*arguments, **settings)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"desk: {said}")
    assert len(done.stderr.splitlines()) == 1


def test_a_load_tells_how_far_it_has_come(
    settings: Settings, database: Database
) -> None:
    batches = [
        Batch(symbols=("AAPL",), bars=[a_bar()]),
        Batch(symbols=("MSFT",), failures={"MSFT": "no answer"}),
    ]
    steps: list[LoadStep] = []
    clock = evening_of(WEDNESDAY)
    load(settings, database, clock, source=GivenSource(batches), on_step=steps.append)
    assert steps == [LoadStep(1, 2, 1), LoadStep(2, 2, 1)]


def test_of_many_failed_symbols_a_few_are_named(
    settings: Settings, database: Database
) -> None:
    symbols = tuple(f"S{n}" for n in range(9))
    batches = [
        Batch(symbols=symbols[:1], bars=[a_bar("S0")]),
        Batch(symbols=symbols[1:], failures=dict.fromkeys(symbols[1:], "gone")),
    ]
    source = GivenSource(batches, symbols)
    report = load(settings, database, evening_of(WEDNESDAY), source=source)
    assert report.said.endswith("; no data for S5: gone; no data for 3 more")
    assert len(report.failed_symbols) == 8


@pytest.mark.slow
def test_marks_are_listed_and_dismissed_with_a_reason(command: Command) -> None:
    def desk(*arguments: str) -> tuple[int, str]:
        done = command.run("marks", *arguments)
        return done.returncode, done.stdout + done.stderr

    assert desk() == (0, "no open mark\n")
    with command.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.symbol_marks"
            " (symbol, rule, bar_date, value, detail, marked_at)"
            " values ('FB', 'gap', '2012-11-01', 9, 'at most 5', '2013-01-09'),"
            " ('GOOG', 'gap', '2012-11-01', 9, 'at most 5', '2013-01-09')"
        )
    code, said = desk()
    assert code == 0
    assert [line.split()[:4] for line in said.splitlines()[1:]] == [
        ["FB", "gap", "2012-11-01", "9"],
        ["GOOG", "gap", "2012-11-01", "9"],
    ]

    code, said = desk("dismiss", "FB", "IBM", "--reason", "a hurricane")
    assert code == 1
    assert said == "desk: no open mark on IBM; nothing was dismissed\n"
    assert desk("dismiss", "FB", "--reason", " ")[0] == 2
    assert desk("dismiss", "FB")[0] == 2
    assert desk("dismiss", "FB", "--reason", "a hurricane") == (
        0,
        "1 mark dismissed\n",
    )
    assert command.query(
        "select symbol, dismissed_reason from raw.symbol_marks order by 1"
    ) == [("FB", "a hurricane"), ("GOOG", None)]
