"""The schedules fire on the exchange's sessions, after the close or before the open."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine

from desk.calendar import NEW_YORK, sessions_between, today
from desk.settings import Settings
from flows.schedule import TIMEZONE, on_sessions

YFINANCE = Settings(price_source="yfinance", symbols="AAPL")
THANKSGIVING_EVENING = datetime(2026, 11, 26, 23, tzinfo=UTC)
DAY_BEFORE_EVENING = datetime(2026, 11, 25, 23, tzinfo=UTC)


def fired(rule: str, start: date, days: int) -> list[datetime]:
    """The moments at which Prefect's own scheduler starts runs."""
    from prefect.server.schemas.schedules import RRuleSchedule

    begins = datetime.combine(start, time(), NEW_YORK)
    schedule = RRuleSchedule(rrule=rule, timezone=TIMEZONE)
    moments = asyncio.run(
        schedule.get_dates(start=begins, end=begins + timedelta(days=days))
    )
    return [moment.astimezone(NEW_YORK) for moment in moments]


@pytest.mark.usefixtures("prefect")
@pytest.mark.parametrize("start", [date(2026, 11, 1), date(2027, 2, 20)])
def test_the_evening_run_fires_once_after_the_close_of_every_session(
    start: date,
) -> None:
    # Both spans hold a change of daylight saving time; the first has Thanksgiving,
    # Christmas and the two half days beside them.
    moments = fired(on_sessions(time(18), start), start, 60)

    sessions = sessions_between(start, start + timedelta(days=59))
    assert [moment.date() for moment in moments] == [s.session_date for s in sessions]
    for moment, session in zip(moments, sessions, strict=True):
        assert timedelta(hours=1) < moment - session.closes_at < timedelta(hours=6)


@pytest.mark.usefixtures("prefect")
def test_nothing_fires_on_thanksgiving_and_the_half_day_after_it_does() -> None:
    with time_machine.travel(datetime(2026, 11, 24, 15, tzinfo=UTC), tick=False):
        rule = on_sessions(time(18), today())

    moments = fired(rule, date(2026, 11, 24), 8)

    assert [f"{moment:%a %d %H:%M}" for moment in moments] == [
        "Tue 24 18:00",
        "Wed 25 18:00",
        "Fri 27 18:00",
        "Mon 30 18:00",
        "Tue 01 18:00",
    ]
    (half_day,) = sessions_between(date(2026, 11, 27), date(2026, 11, 27))
    assert half_day.closes_at.astimezone(NEW_YORK).hour == 13


@pytest.mark.usefixtures("prefect")
def test_the_morning_run_fires_before_the_open_of_every_session() -> None:
    start = date(2026, 12, 20)
    moments = fired(on_sessions(time(9), start), start, 30)

    sessions = sessions_between(start, start + timedelta(days=29))
    assert [moment.date() for moment in moments] == [s.session_date for s in sessions]
    assert all(
        moment < session.opens_at
        for moment, session in zip(moments, sessions, strict=True)
    )


@pytest.mark.usefixtures("prefect")
def test_the_schedules_of_prefect_yaml_are_served_on_sessions_only() -> None:
    from flows.deployments import deployments

    served = {f"{d.flow_name}/{d.name}": d for d in deployments(date(2026, 11, 20))}

    rules = {
        (name, schedule.slug): str(getattr(schedule.schedule, "rrule", None))
        for name, deployment in served.items()
        for schedule in deployment.schedules or ()
    }
    hours = {
        ("execute/before-open", "before-open"): 9,
        ("trading_day/daily", "after-close"): 18,
        ("trading_day/daily", "catch-up"): 8,
    }
    assert rules.keys() == hours.keys()
    for name, hour in hours.items():
        # Prefect adds a first line of its own.
        assert rules[name].endswith(on_sessions(time(hour), date(2026, 11, 20)))
    assert all(d.tags and d.description for d in served.values())
    assert {d.flow_name for d in served.values()} == {
        *("load", "load_part", "transform", "backtest", "publish", "execute"),
        "trading_day",
    }


@pytest.mark.usefixtures("prefect")
@pytest.mark.parametrize(
    ("settings", "scheduled_for", "closed"),
    [
        (YFINANCE, THANKSGIVING_EVENING, date(2026, 11, 26)),
        (YFINANCE, DAY_BEFORE_EVENING, None),
        (YFINANCE, None, None),
        (
            YFINANCE.model_copy(update={"as_of": date(2013, 3, 1)}),
            THANKSGIVING_EVENING,
            None,
        ),
        (Settings(price_source="sample"), THANKSGIVING_EVENING, None),
    ],
    ids=["holiday", "session", "by hand", "clock set", "sample"],
)
def test_a_run_that_was_scheduled_for_a_holiday_after_all_does_nothing(
    settings: Settings,
    scheduled_for: datetime | None,
    closed: date | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from flows import opened

    monkeypatch.setattr(opened, "_scheduled_for", lambda: scheduled_for)

    assert opened.closed_day(settings) == closed
