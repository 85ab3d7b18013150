"""The API's keys: hashes in the database, one key per home for its owner's eyes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.keys import (
    home_key,
    key_hash,
    list_keys,
    make_key,
    read_or_create_key,
    revoke_key,
)
from tests.conftest import url_of

PRINT_KEY = """
import sys
from pathlib import Path
from desk.keys import read_or_create_key
print(read_or_create_key(Path(sys.argv[1])))
"""


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    key = read_or_create_key(tmp_path / "home")
    assert len(key) >= 32
    assert read_or_create_key(tmp_path / "home") == key
    assert read_or_create_key(tmp_path / "other") != key
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_processes_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PRINT_KEY, str(tmp_path)]
    together = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(6)]
    keys = {process.communicate()[0] for process in together}
    assert keys == {read_or_create_key(tmp_path).encode() + b"\n"}


@pytest.mark.parametrize("content", ["", "\n", "short"])
def test_a_file_without_a_key_opens_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "api_key").write_text(content)
    with pytest.raises(DeskError, match="api_key holds no usable key"):
        read_or_create_key(tmp_path)


def test_a_home_that_can_not_be_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingError, match="DESK_HOME="):
        read_or_create_key(tmp_path / "file")


def test_the_database_has_hashes_only(database: Database, tmp_path: Path) -> None:
    keys = {make_key(database, "alice", "read"), home_key(database, tmp_path)}
    with database.connect() as conn:
        stored = conn.execute("select hash, api_keys::text from trading.api_keys")
        hashes, texts = zip(*stored.fetchall(), strict=True)
    assert set(hashes) == {key_hash(key) for key in keys}
    assert not any(key in text for key in keys for text in texts)


def test_a_live_key_has_its_name_alone(database: Database, tmp_path: Path) -> None:
    first = make_key(database, "alice", "read")
    with pytest.raises(DeskError, match="a key named alice already"):
        make_key(database, "alice", "control")
    revoke_key(database, tmp_path, "alice")
    assert make_key(database, "alice", "control") != first
    assert [(key.name, key.scope) for key in list_keys(database)] == [
        ("alice", "control"),
        ("alice", "read"),
    ]
    with pytest.raises(DeskError, match="no live key"):
        revoke_key(database, tmp_path, "bob")


def test_a_revoked_home_key_stays_revoked_and_is_replaced(
    database: Database, tmp_path: Path
) -> None:
    first = home_key(database, tmp_path)
    assert home_key(database, tmp_path) == first
    (known,) = list_keys(database)
    assert (known.name, known.scope) == (f"home-{known.key_id}", "read")
    revoke_key(database, tmp_path, known.key_id)
    assert not (tmp_path / "api_key").exists()
    (tmp_path / "api_key").write_text(first)
    assert home_key(database, tmp_path) == first
    assert [key.revoked_at is None for key in list_keys(database)] == [False]


def test_keys_are_made_listed_and_revoked_by_command(
    database: Database, tmp_path: Path
) -> None:
    def desk(*arguments: str) -> subprocess.CompletedProcess[str]:
        given = {"DESK_HOME": str(tmp_path), "DESK_DATABASE_URL": url_of(database)}
        return subprocess.run(
            [Path(sys.executable).with_name("desk"), "keys", *arguments],
            env=os.environ | given,
            capture_output=True,
            text=True,
        )

    key = desk("make", "ops", "--scope", "control").stdout.strip()
    assert key.startswith("desk_")
    listed = desk().stdout
    assert "ops" in listed
    assert "control" in listed
    assert key not in listed
    assert desk("revoke", "ops").stdout.startswith("revoked ops")
    again = desk("revoke", "ops")
    assert again.returncode == 1
    assert again.stderr == "desk: no live key has the name or id ops; see desk keys\n"
