"""What grows with time is kept for as long as the settings say."""

import os
import time
from pathlib import Path

from desk.calendar import desk_clock
from desk.database import Database
from desk.settings import Settings
from desk.tidy import LARGEST_LOG_BYTES
from flows.diary import noted
from flows.stages import Desk, tidy
from tests.dbt.rows import rows_of


def written(file: Path, size: int = 3, days_ago: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * size)
    moment = time.time() - days_ago * 24 * 60 * 60
    os.utime(file, (moment, moment))
    return file


def test_large_logs_start_anew_and_old_files_go(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, keep_days=30)
    desk = Desk(settings, database, desk_clock(settings))
    large = written(tmp_path / "logs" / "api.log", LARGEST_LOG_BYTES + 1)
    small = written(tmp_path / "logs" / "flows.log", days_ago=400)
    docs = tmp_path / "data_docs"
    old = [
        written(tmp_path / "logs" / "prefect.log.1", days_ago=31),
        written(tmp_path / "dbt" / "logs" / "dbt.log.3", days_ago=31),
        written(docs / "validations" / "a" / "old.html", days_ago=31),
    ]
    kept = [
        written(docs / "validations" / "a" / "new.html", days_ago=29),
        written(docs / "index.html", days_ago=400),
        small,
    ]

    with large.open("a") as writer:
        tidy(desk)
        writer.write("goes on")

    assert large.read_text() == "goes on"
    assert large.with_suffix(".log.1").stat().st_size == LARGEST_LOG_BYTES + 1
    assert not any(file.exists() for file in old)
    assert all(file.exists() for file in kept)


def test_old_stages_leave_the_diary(database: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, keep_days=30)
    desk = Desk(settings, database, desk_clock(settings))
    for stage in ("old", "new"):
        with noted(database, stage, desk.clock.session):
            pass
    with database.connect() as conn:
        conn.execute(
            "update trading.stage_runs set started_at = now() - interval '31 days',"
            " finished_at = now() - interval '31 days' where stage = 'old'"
        )

    tidy(desk)

    left = rows_of(database, "select stage from trading.stage_runs")
    assert left == [{"stage": "new"}]
