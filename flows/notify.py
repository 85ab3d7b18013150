"""Notifications: what happened, to those who asked, once; from the end of a pass."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiosql
import psycopg
import structlog
from psycopg.rows import class_row

from desk.errors import DeskError
from desk.locks import TELL_LOCK
from desk.settings import Settings
from flows.stages import Desk

QUERIES = aiosql.from_path(Path(__file__).parent / "sql" / "notify.sql", "psycopg")
KINDS = ("signals", "fills", "blocked", "failed_loads", "halts", "report")
ALARMS = ("failed_loads", "halts")
LOCK_SECONDS = 60

Connection = psycopg.Connection[Any]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that may be told; its key is the same whenever it is found."""

    kind: str
    event_key: str
    title: str
    body: str


@contextmanager
def telling(desk: Desk) -> Iterator[None]:
    """A pass whose news are told when it ends, also when it fails."""
    try:
        yield
    finally:
        tell(desk)


def tell(desk: Desk) -> None:
    """Tell every address what it has not been told yet; never raises.

    What can't be told is logged and told by a later pass, for seven days.
    """
    wanted = _wanted(desk.settings)
    targets = _targets(desk.settings)
    if not wanted or not targets:
        return
    try:
        with desk.database.connect("executor", autocommit=True) as conn:
            conn.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
            QUERIES.hold_lock(conn, key=TELL_LOCK)
            for url in targets:
                _tell(conn, desk, url, wanted)
    except Exception as failed:  # noqa: BLE001 a pass is worth more than its news
        log.warning("notification_failed", reason=str(failed))


def send_test(settings: Settings) -> list[str]:
    """Send every address a message; why it was not taken, of those that did not.

    Raises `DeskError` when there is no address.
    """
    targets = _targets(settings)
    if not targets:
        raise DeskError("nobody to tell: set DESK_NOTIFY_URLS")
    wanted = ", ".join(f"{kind} {how}" for kind, how in _wanted(settings).items())
    told = f"This address gets: {wanted or 'nothing, every DESK_NOTIFY_… is off'}."
    return [
        f"{url.partition('://')[0]}: {failure}"
        for url in targets
        if (failure := _send(url, "Desk: a test", told))
    ]


def unusable_addresses(settings: Settings) -> list[int]:
    """Which of DESK_NOTIFY_URLS, from 1 on, Apprise can't make anything of."""
    apprise = _apprise()

    with apprise.LogCapture():
        return [
            number
            for number, url in enumerate(_targets(settings), 1)
            if not apprise.Apprise().add(url)
        ]


def _wanted(settings: Settings) -> dict[str, str]:
    """How each kind is told that is told at all."""
    told = {kind: getattr(settings, f"notify_{kind}") for kind in KINDS}
    return {kind: how for kind, how in told.items() if how != "off"}


def _targets(settings: Settings) -> list[str]:
    urls = settings.notify_urls
    return [] if urls is None else urls.get_secret_value().split()


def _tell(conn: Connection, desk: Desk, url: str, wanted: dict[str, str]) -> None:
    """One address: first each immediate event, then the rest in one message."""
    target = sha256(url.encode()).hexdigest()[:16]
    with conn.cursor(row_factory=class_row(Event)) as cursor:
        pending = cursor.execute(
            QUERIES.pending.sql.encode(),
            {
                "kinds": list(wanted),
                "target": target,
                "now": desk.clock.now,
                "session": desk.clock.session,
            },
        ).fetchall()
    messages = [[event] for event in pending if wanted[event.kind] == "immediate"]
    if digest := [event for event in pending if wanted[event.kind] == "digest"]:
        messages.append(digest)
    for events in messages:
        _tell_once(conn, desk, url, target, events)


def _tell_once(
    conn: Connection, desk: Desk, url: str, target: str, events: Sequence[Event]
) -> None:
    unclear = QUERIES.interrupted(conn, target=target) or []
    keys = [event.event_key for event in events]
    title, body = _message(events, len(unclear))
    attached = _report(desk) if any(e.kind == "report" for e in events) else None
    is_alarm = any(event.kind in ALARMS for event in events)
    QUERIES.begin_telling(conn, event_keys=keys, target=target)
    failure = _send(url, title, body, is_alarm=is_alarm, attached=attached)
    if failure:
        QUERIES.take_back(conn, event_keys=keys, target=target)
        log.warning(
            "notification_failed",
            service=url.partition("://")[0],
            events=keys,
            reason=failure,
        )
    else:
        QUERIES.end_telling(conn, event_keys=[*keys, *unclear], target=target)


def _message(events: Sequence[Event], unclear: int) -> tuple[str, str]:
    if len(events) == 1:
        title, body = f"Desk: {events[0].title}", events[0].body
    else:
        counts = {
            kind: sum(event.kind == kind for event in events)
            for kind in dict.fromkeys(event.kind for event in events)
        }
        told = ", ".join(
            f"{kind.replace('_', ' ')} {count}" for kind, count in counts.items()
        )
        title = f"Desk: {told}"
        body = "\n".join(f"{event.title}: {event.body}" for event in events)
    if unclear:
        body += (
            f"\n\nThe desk was killed while it told of {unclear} earlier events; "
            "they may not have arrived (see trading.told)."
        )
    return title, body


def _report(desk: Desk) -> Path:
    from flows.report import write_report

    return write_report(desk)


def _send(
    url: str,
    title: str,
    body: str,
    *,
    is_alarm: bool = False,
    attached: Path | None = None,
) -> str | None:
    """Send one message; None, or why it was not taken."""
    apprise = _apprise()

    sender = apprise.Apprise()
    kind = apprise.NotifyType.WARNING if is_alarm else apprise.NotifyType.INFO
    captured = apprise.LogCapture(level=logging.WARNING, fmt="%(message)s")
    with captured as said:
        if not sender.add(url):  # what Apprise says of it would tell its secrets
            return "the address can't be used"
        is_taken = sender.notify(
            title=title,
            body=body,
            body_format=apprise.NotifyFormat.TEXT,
            notify_type=kind,
            attach=None if attached is None else str(attached),
        )
        reasons = said.getvalue().splitlines()
    return None if is_taken else " ".join(reasons[:1]) or "no reason given"


def _apprise() -> Any:
    import apprise  # 0.3 s of import

    # Its words are captured and told in the desk's own.
    logging.getLogger("apprise").propagate = False
    return apprise
