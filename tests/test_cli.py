"""The command as people run it: real processes, exit codes, one plain sentence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from desk.database import Database
from tests.conftest import url_of
from tests.processes import free_port

DESK = Path(sys.executable).with_name("desk")


def desk(
    *arguments: str, home: Path, **settings: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DESK, *arguments],
        capture_output=True,
        text=True,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("DESK_")},
            "DESK_HOME": str(home),
            **settings,
        },
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence of a refusal."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    return sentence


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sentence = refused(desk("run", home=home, DESK_PRICE_SOURCE="bloomberg"))

    assert "DESK_PRICE_SOURCE=bloomberg" in sentence
    assert "sample" in sentence
    assert not home.exists()


def test_an_unreachable_database_is_refused_without_its_password(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    url = "postgresql://desk:hunter2@127.0.0.1:1/desk"
    sentence = refused(desk("run", home=home, DESK_DATABASE_URL=url))

    assert "DESK_DATABASE_URL" in sentence
    assert "127.0.0.1" in sentence
    assert "hunter2" not in sentence
    assert not home.exists()


PORTS = ("DESK_API_PORT", "DESK_PREFECT_PORT")


@pytest.mark.parametrize("setting", PORTS)
def test_a_taken_port_is_refused_before_anything_starts(
    setting: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = {name: str(free_port()) for name in PORTS} | {setting: port}
        sentence = refused(desk("up", home=home, **ports))

    assert f"{setting}={port}" in sentence
    assert not home.exists()


def test_an_unwritable_home_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    sentence = refused(desk("run", home=file / "home"))

    assert f"DESK_HOME={file / 'home'}" in sentence


def test_a_malformed_setting_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    sentence = refused(desk("run", home=home, DESK_COMMISSION_BPS="cheap"))

    assert "DESK_COMMISSION_BPS=cheap" in sentence
    assert not home.exists()


def test_sql_prints_a_table_or_csv(database: Database, tmp_path: Path) -> None:
    url = {"DESK_DATABASE_URL": url_of(database)}
    query = "select 1 as one, 'a,b' as text, null as nothing"

    table = desk("sql", query, home=tmp_path, **url)
    csv = desk("sql", query, "--csv", home=tmp_path, **url)

    assert [line.split() for line in table.stdout.splitlines()] == [
        ["one", "text", "nothing"],
        ["1", "a,b"],
        ["(1", "row)"],
    ]
    assert csv.stdout == 'one,text,nothing\n1,"a,b",\n'


@pytest.mark.parametrize(
    "statement",
    [
        "insert into raw.exchange_sessions values ('2100-01-01', now(), now())",
        "create temporary table t (x integer)",
        "set role desk_owner",
        "select 1; drop table raw.raw_prices",
        "select nothing from nowhere",
    ],
)
def test_sql_only_reads(statement: str, database: Database, tmp_path: Path) -> None:
    done = desk("sql", statement, home=tmp_path, DESK_DATABASE_URL=url_of(database))

    if statement.startswith("set"):  # it may be said, but ends with the statement
        assert done.returncode == 0
    else:
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1


def test_help_and_version_need_no_settings(tmp_path: Path) -> None:
    broken = {"DESK_API_PORT": "x"}

    assert "replay" in desk("--help", home=tmp_path, **broken).stdout
    assert desk("--version", home=tmp_path, **broken).stdout.count(".") == 2


@pytest.mark.parametrize("command", ["status", "backtest", "report"])
def test_a_desk_with_nothing_built_says_so(
    command: str, database: Database, tmp_path: Path
) -> None:
    done = desk(command, home=tmp_path, DESK_DATABASE_URL=url_of(database))

    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert "nothing is built yet: run `desk run`" in sentence
