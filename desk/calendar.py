"""What day it is, and when the exchange is open. Nothing else asks a clock."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desk.errors import SettingError
from desk.settings import Settings

if TYPE_CHECKING:
    import psycopg
    from exchange_calendars import ExchangeCalendar

EXCHANGE = "XNYS"
NEW_YORK = ZoneInfo("America/New_York")
EVENING = time(20, 0)
FIRST_YEAR = 1990
DAYS_AHEAD = 365
SAMPLE_LAST_SESSION = date(2013, 3, 1)


@dataclass(frozen=True, slots=True)
class Session:
    """One trading session: its date, and its open and close in UTC."""

    session_date: date
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A moment (UTC) and the last session that had closed by then."""

    now: datetime
    session: date


def desk_clock(settings: Settings) -> Clock:
    """The desk's now: `DESK_AS_OF`, the sample's last evening, or the real one.

    Raises `SettingError` for a day that the calendar doesn't reach.
    """
    day = _set_day(settings)
    if day is None:
        return _clock_at(datetime.now(UTC))
    first, last = (_all_sessions()[i].session_date for i in (0, -1))
    if not first <= day <= last:
        raise SettingError(
            "DESK_AS_OF", day, f"the calendar knows sessions from {first} to {last}"
        )
    return evening_of(day)


def desk_now(settings: Settings) -> datetime:
    """The desk's now without its session, which saves importing the calendar."""
    day = _set_day(settings)
    return datetime.now(UTC) if day is None else evening(day)


def evening_of(day: date) -> Clock:
    """The clock at 20:00 New York time of a day, after any session's close."""
    return _clock_at(evening(day))


def evening(day: date) -> datetime:
    """20:00 New York time of a day, in UTC."""
    return datetime.combine(day, EVENING, NEW_YORK).astimezone(UTC)


def today() -> date:
    """The day it is in New York, whatever the desk's clock is set to."""
    return datetime.now(NEW_YORK).date()


def sessions_between(start: date, end: date) -> list[Session]:
    """Sessions from `start` to `end`, both included, in order."""
    return [s for s in _all_sessions() if start <= s.session_date <= end]


def next_open(now: datetime) -> datetime | None:
    """When the exchange opens next, New York time; None while it is open."""
    sessions = _all_sessions()
    unclosed = sessions[bisect_right(sessions, now, key=lambda s: s.closes_at) :]
    if not unclosed or unclosed[0].opens_at <= now:
        return None
    return unclosed[0].opens_at.astimezone(NEW_YORK)


def store_sessions(conn: "psycopg.Connection[Any]") -> None:
    """Make `raw.exchange_sessions` the calendar, where they differ."""
    with conn.transaction(), conn.cursor() as cur:
        cur.execute(
            "create temporary table calendar (like raw.exchange_sessions)"
            " on commit drop"
        )
        with cur.copy("copy calendar from stdin") as copy:
            copy.write(_session_lines())
        cur.execute(
            "delete from raw.exchange_sessions where session_date not in"
            " (select session_date from calendar)"
        )
        cur.execute(
            "insert into raw.exchange_sessions as stored select * from calendar"
            " on conflict (session_date) do update"
            " set opens_at = excluded.opens_at, closes_at = excluded.closes_at"
            " where (stored.opens_at, stored.closes_at)"
            " is distinct from (excluded.opens_at, excluded.closes_at)"
        )


def reaches_far_enough(conn: "psycopg.Connection[Any]") -> bool:
    """Whether the stored calendar still knows the sessions of some months ahead."""
    wanted = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD // 2)
    found = conn.execute(
        "select from raw.exchange_sessions where session_date > %s limit 1", [wanted]
    )
    return found.rowcount == 1


def _set_day(settings: Settings) -> date | None:
    if settings.as_of is None and settings.price_source == "sample":
        return SAMPLE_LAST_SESSION
    return settings.as_of


def _clock_at(now: datetime) -> Clock:
    sessions = _all_sessions()
    closed = bisect_right(sessions, now, key=lambda session: session.closes_at)
    return Clock(now=now, session=sessions[:closed][-1].session_date)


@cache
def _all_sessions() -> tuple[Session, ...]:
    return tuple(_read_sessions())


@cache
def _session_lines() -> str:
    return "".join(
        f"{session.session_date}\t{session.opens_at}\t{session.closes_at}\n"
        for session in _all_sessions()
    )


def _read_sessions() -> Iterator[Session]:
    schedule = _calendar().schedule
    for opens, closes in zip(schedule["open"], schedule["close"], strict=True):
        opens_at, closes_at = opens.to_pydatetime(), closes.to_pydatetime()
        yield Session(opens_at.astimezone(NEW_YORK).date(), opens_at, closes_at)


def _calendar() -> "ExchangeCalendar":
    from exchange_calendars import get_calendar  # 0.5 s of import

    last = datetime.now(UTC).date() + timedelta(days=DAYS_AHEAD)
    return get_calendar(EXCHANGE, start=f"{FIRST_YEAR}-01-01", end=last)
