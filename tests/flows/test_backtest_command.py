"""`desk backtest` as people run it: its options, its refusals."""

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from desk.database import Database
from tests.conftest import url_of
from tests.dbt.rows import rows_of
from tests.test_cli import desk


def backtest(
    built: Database, home: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    url = url_of(built)
    return desk("backtest", *arguments, home=home, DESK_DATABASE_URL=url)


def test_the_command_shows_what_was_asked_for(built: Database, tmp_path: Path) -> None:
    picture = tmp_path / "backtest.html"
    done = backtest(built, tmp_path, "macd_cross", "--all", "--picture", str(picture))
    assert done.returncode == 0, done.stderr
    trades = rows_of(
        built,
        "select entry_date from marts.trades "
        "where account = 'portfolio' and strategy = 'macd_cross'",
    )
    assert f"macd cross: {len(trades)} trades\n" in done.stdout
    assert done.stdout.count(" long ") == len(trades) > 100
    assert "buy and hold" in done.stdout
    assert "donchian" not in done.stdout
    drawn = picture.read_text()
    assert "prefers-color-scheme: dark" in drawn
    assert "width=device-width" in drawn
    assert drawn.count("<polyline") == 4


def test_machines_read_the_commands_json_and_csv(
    built: Database, tmp_path: Path
) -> None:
    told = json.loads(backtest(built, tmp_path, "--json").stdout)
    assert told.keys() == {"metrics", "trades", "curves"}
    lines = csv.DictReader(io.StringIO(backtest(built, tmp_path, "--csv").stdout))
    assert [line["strategy"] for line in lines] == [
        row["strategy"] for row in told["metrics"]
    ]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "complaint"),
    [
        (["macd"], 1, "desk: there is no strategy macd; known are bollinger_breakout,"),
        (["--json", "--csv"], 2, "choose one of --json and --csv"),
        (["--as-of", "soon"], 1, "desk: --as-of soon: must be a date or a time"),
        (["--as-of", "1980-01-01"], 1, "desk: no price was known at 1980-01-02 01:00"),
        (["--as-of", "9999-12-31"], 1, "desk: --as-of 9999-12-31: must be in"),
        (["--as-of", "1999-12-31"], 1, "desk: no price was known at 2000-01-01 01:00"),
        (["--picture", "equity.png"], 2, "--picture equity.png: must end in .html"),
        (["--picture", "/no/such/folder/a.html"], 1, "desk: /no/such/folder/a.html:"),
    ],
)
def test_what_the_command_can_not_do_it_says_in_one_line(
    built: Database,
    tmp_path: Path,
    arguments: list[str],
    exit_code: int,
    complaint: str,
) -> None:
    done = backtest(built, tmp_path, *arguments)
    assert done.returncode == exit_code
    assert done.stdout == ""
    assert complaint in done.stderr
