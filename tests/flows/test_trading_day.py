"""The trading day as a Prefect flow: the stages of `desk run`, in their order."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from desk.calendar import desk_clock
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from flows.stages import STAGES, Desk, StageReport

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

THANKSGIVING_EVENING = datetime(2026, 11, 26, 23, tzinfo=UTC)
DAY_BEFORE_EVENING = datetime(2026, 11, 25, 23, tzinfo=UTC)
YFINANCE = Settings(price_source="yfinance", symbols="AAPL")


def load(desk: Desk) -> str:
    with desk.database.connect() as conn:
        conn.execute("create table loaded as select 1")
    return "1 bar | new"


def publish(desk: Desk) -> str:
    with desk.database.connect() as conn:
        count = conn.execute("insert into loaded values (2)").rowcount
    return f"{count} signal on {desk.clock.session}"


def gate(desk: Desk) -> str:
    raise DeskError("AAPL has a hole")


def newest_summary() -> str:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
    from prefect.client.schemas.sorting import ArtifactSort

    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["trading-day"])),
            sort=ArtifactSort.CREATED_DESC,
        )
    return str(artifacts[0].data)


def day_of(desk: Desk, *stages: Any) -> "State[Any]":
    from prefect import flow

    from flows.trading_day import run_day

    @flow(persist_result=False)
    def day() -> list[StageReport]:
        return run_day(desk, stages)

    return day(return_state=True)


@pytest.mark.usefixtures("prefect")
def test_a_day_is_its_stages_in_order_until_one_fails(database: Database) -> None:
    settings = Settings()
    desk = Desk(settings, database, desk_clock(settings))

    done = day_of(desk, load, publish)
    assert done.is_completed()
    assert [(r.stage, r.said) for r in done.result()] == [
        ("load", "1 bar | new"),
        ("publish", "1 signal on 2013-03-01"),
    ]
    assert r"| load | 1 bar \| new |" in newest_summary()

    failed = day_of(desk, publish, gate, publish)
    assert failed.is_failed()
    with database.connect() as conn:
        count = conn.execute("select count(*) from loaded").fetchone()
    assert count == (3,)
    assert newest_summary().splitlines()[-1] == (
        "| gate | failed: AAPL has a hole |  |"
    )


@pytest.mark.usefixtures("prefect")
def test_the_flow_walks_the_stages_of_desk_run() -> None:
    from flows.trading_day import RETRIES, run_day

    assert run_day.__defaults__ == (STAGES,)
    assert set(RETRIES) <= {stage.__name__ for stage in STAGES}
    assert not {"publish", "replay", "execute"} & set(RETRIES)


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
def test_a_schedule_that_fires_on_a_holiday_does_nothing(
    settings: Settings, scheduled_for: datetime | None, closed: date | None
) -> None:
    from flows.trading_day import closed_day

    assert closed_day(settings, scheduled_for) == closed
