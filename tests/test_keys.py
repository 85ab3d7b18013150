"""The API's key: one per home, for its owner's eyes."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desk.errors import DeskError, SettingError
from desk.keys import read_or_create_key

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
