"""Retention: logs and reports that would grow for as long as the desk runs."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from desk.settings import Settings

LARGEST_LOG_BYTES = 10_000_000
SECONDS_A_DAY = 24 * 60 * 60


def tidy_files(settings: Settings) -> None:
    """Start large logs anew, keeping the one before beside it, and remove what is
    older than DESK_KEEP_DAYS.

    Logs are written by others, who append: they are emptied, not replaced.
    """
    for log in _logs(settings.home):
        if log.stat().st_size > LARGEST_LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
    oldest = time.time() - settings.keep_days * SECONDS_A_DAY
    for file in _removable(settings.home):
        if file.stat().st_mtime < oldest:
            file.unlink()


def _logs(home: Path) -> Iterator[Path]:
    yield from (home / "logs").glob("*.log")
    yield from (home / "postgres").glob("server.log")


def _removable(home: Path) -> Iterator[Path]:
    yield from (home / "logs").glob("*.log.1")
    yield from (home / "dbt" / "logs").glob("*.log.*")
    pages = home / "data_docs" / "validations"
    yield from (page for page in pages.rglob("*") if page.is_file())
