"""The API's key: made once per home, readable by its owner only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from desk.errors import DeskError, SettingError

KEY_BYTES = 32


def read_or_create_key(home: Path) -> str:
    """The key in `home/api_key`, made on first use.

    Any number of processes at once get the same key; a killed one leaves no
    half-written file. Raises `DeskError` when the file holds no key.
    """
    path = home / "api_key"
    try:
        if not path.exists():
            _create(path)
        key = path.read_text().strip()
    except OSError as broken:
        raise SettingError(
            "DESK_HOME", home, f"{path.name} can't be used: {broken.strerror}"
        ) from broken
    if len(key) < KEY_BYTES:
        raise DeskError(f"{path} holds no usable key; delete it to get a new one")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written in full under another name (mode 0600), then linked: whoever is
    # first wins, and the name never stands for an unfinished file.
    with NamedTemporaryFile("w", dir=path.parent, prefix=".api_key.") as draft:
        draft.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
