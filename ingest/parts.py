"""A vendor's load shared among processes, part by part.

The process that begins a load writes its windows into `raw.load_windows` and works on
them like any other; it alone waits for the last ones, so that a load ends even if
nobody helps or whoever did has died.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosql
import psycopg

from ingest.chunks import Run
from ingest.sources import Window

PARTS = aiosql.from_path(Path(__file__).parent / "sql" / "parts.sql", "psycopg")
# So many parts a process, that all end at about the same time, and no larger than
# what the vendors are asked for at once.
PARTS_OF_A_WORKER = 4
SYMBOLS_OF_A_PART = 100

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes of a load, the one that begins it included.

    `called`: within its block the others have been asked to help with a run.
    """

    count: int
    called: Callable[[UUID], AbstractContextManager[None]]


def share_out(
    conn: Connection, run: Run, windows: Sequence[Window], workers: int
) -> None:
    """Write down what is to be taken in, in parts that a process can claim."""
    PARTS.notice_dead_machines(conn)
    size = -(-len(windows) // (workers * PARTS_OF_A_WORKER))
    PARTS.share_out(
        conn,
        run_id=run.run_id,
        symbols=[window.symbol for window in windows],
        starts=[window.start for window in windows],
        since=run.since,
        size=min(size, SYMBOLS_OF_A_PART),
    )


def claimed_parts(
    conn: Connection, run_id: UUID, *, to_the_end: bool = False
) -> Iterator[list[Window]]:
    """Parts that nobody else holds, each held until the next one is asked for.

    `to_the_end`: also wait for those that others hold, and give what they leave.
    """
    while (part := _claim(conn, run_id, to_the_end)) is not None:
        if windows := list(PARTS.windows_of(conn, run_id=run_id, part=part)):
            yield [Window(*window) for window in windows]
            PARTS.end_part(conn, run_id=run_id, part=part)
        PARTS.release_part(conn, run_id=run_id, part=part)


def _claim(conn: Connection, run_id: UUID, to_the_end: bool) -> int | None:
    part: int | None = PARTS.claim_part(conn, run_id=run_id)
    if part is None and to_the_end:
        waited_for = PARTS.wait_for_part(conn, run_id=run_id)
        part = waited_for and waited_for[0]
    return part
