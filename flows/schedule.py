"""When the flows run: on the exchange's sessions only."""

from datetime import date, time, timedelta

from desk.calendar import NEW_YORK, sessions_between

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")
DAYS_KNOWN = 365


def on_sessions(at: time, today: date) -> str:
    """An iCalendar rule for a time of day (New York) on each session from `today` on.

    Weekdays but for the days without a session in the year ahead, as far as the
    exchange calendar knows them. Half days count: they end at 13:00.
    """
    last = today + timedelta(days=DAYS_KNOWN)
    sessions = {s.session_date for s in sessions_between(today, last)}
    known_until = max(sessions, default=today)
    days = [today + timedelta(days=n) for n in range((known_until - today).days)]
    closed = [day for day in days if day.weekday() < 5 and day not in sessions]
    rule = (
        f"RRULE:FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS)};"
        f"BYHOUR={at.hour};BYMINUTE={at.minute};BYSECOND=0"
    )
    if not closed:
        return rule
    left_out = ",".join(f"{day:%Y%m%d}T{at:%H%M%S}" for day in closed)
    return f"{rule}\nEXDATE:{left_out}"


TIMEZONE = NEW_YORK.key
