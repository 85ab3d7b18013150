"""The trading day in Prefect: the same rows as `desk run`, and what it shows."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.transform import BACKTEST, LAYERS
from tests.conftest import CopyDatabase, url_of
from tests.dbt.rows import rows_of

if TYPE_CHECKING:
    from prefect.client.schemas.objects import Artifact, State

pytestmark = pytest.mark.usefixtures("prefect")


@pytest.fixture
def desk(
    built: Database,
    built_settings: Settings,
    copies: CopyDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> Database:
    """A loaded and built desk that the flows find by their settings."""
    database = copies(built)
    monkeypatch.setenv("DESK_HOME", str(built_settings.home))
    monkeypatch.setenv("DESK_DATABASE_URL", url_of(database))
    return database


def newest_artifacts() -> Mapping[str, "Artifact"]:
    """By key; the newest of each."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.sorting import ArtifactSort

    with get_client(sync_client=True) as client:
        found = client.read_artifacts(sort=ArtifactSort.CREATED_DESC, limit=200)
    return {artifact.key: artifact for artifact in reversed(found) if artifact.key}


def test_a_day_ends_in_orders_and_shows_what_each_part_did(desk: Database) -> None:
    from flows.trading_day import trading_day

    state: State[Any] = trading_day(return_state=True)

    assert state.is_completed()
    assert state.message is not None
    assert state.message.startswith("Session 2013-03-01: 0 orders placed, 2 blocked")
    stages = rows_of(
        desk, "select stage, outcome from trading.stage_runs order by stage_run_id"
    )
    assert [row["stage"] for row in stages] == [
        *("load", "gate"),
        *(*LAYERS, "documentation"),
        *("replay", "publish", "execute"),
        BACKTEST,
    ]
    assert {row["outcome"] for row in stages} == {"succeeded"}

    shown = newest_artifacts()
    assert {key: str(artifact.type) for key, artifact in shown.items()} == {
        "load": "table",
        "load-progress": "progress",
        "quality": "markdown",
        "data-docs": "markdown",
        **{f"dbt-{layer}": "table" for layer in (*LAYERS, BACKTEST)},
        "dbt-docs": "markdown",
        "transform-progress": "progress",
        "signals": "table",
        "orders": "table",
        "backtest": "table",
        "trading-day": "markdown",
        "trading-day-progress": "progress",
    }
    assert {shown[key].data for key in shown if "progress" in key} == {100.0}
    assert "| execute | succeeded | 0 orders placed, 2 blocked |" in str(
        shown["trading-day"].data
    )
    assert "donchian|" not in str(shown["signals"].data)
    assert "crossed below previous 10-bar low" in str(shown["signals"].data)
    assert "buy_and_hold" in str(shown["backtest"].data)
    assert "int_bars" in str(shown["dbt-intermediate"].data)

    # What came to its end is not done again in the morning.
    again: State[Any] = trading_day(catch_up=True, return_state=True)
    assert again.message == "Session 2013-03-01 is done: nothing to catch up."


def test_a_failed_part_stops_those_that_need_it_and_no_other() -> None:
    from prefect import flow
    from prefect.states import Completed

    from flows.trading_day import _run_parts, verdict

    ran = []

    @flow
    def root(as_of: object) -> "State[Any]":
        ran.append("root")
        return Completed(message="rooted")

    @flow
    def broken(as_of: object) -> None:
        ran.append("broken")
        raise ValueError("AAPL | has a hole")

    @flow
    def leaf(as_of: object) -> None:
        ran.append("leaf")

    @flow
    def other(as_of: object, full: bool = False) -> "State[Any]":
        ran.append(f"other {full}")
        return Completed(message="done")

    @flow
    def day() -> list[Any]:
        needs = {root: None, broken: root, leaf: broken, other: root}
        return list(_run_parts(None, needs, {"other": {"full": True}}))  # type: ignore[arg-type]

    outcomes = day()

    assert ran == ["root", "broken", "other True"]
    assert [(o.part, o.how, o.said) for o in outcomes] == [
        ("root", "succeeded", "rooted"),
        ("broken", "failed", "AAPL | has a hole"),
        ("leaf", "not run", "needs broken"),
        ("other", "succeeded", "done"),
    ]
    from datetime import date

    ended = verdict(date(2013, 3, 1), outcomes)
    assert ended.is_failed()
    assert ended.message == (
        "Session 2013-03-01: broken failed: AAPL | has a hole; not run: leaf"
    )


def test_a_part_that_runs_alone_says_why_it_failed(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.parts import load

    monkeypatch.setenv("DESK_SINCE", "2014-01-01")

    state: State[Any] = load(return_state=True)

    assert state.is_failed()
    (row,) = rows_of(desk, "select stage, outcome, said from trading.stage_runs")
    assert (row["stage"], row["outcome"]) == ("load", "failed")
    assert "is after the last session" in row["said"]


def test_only_what_is_safe_to_repeat_is_retried() -> None:
    from flows.tasks import TERMS, TURNS

    retried = {name for name, terms in TERMS.items() if terms.retries}
    assert retried == {"load", *LAYERS, BACKTEST}
    assert all(terms.timeout for terms in TERMS.values())
    assert {tag for terms in TERMS.values() for tag in terms.tags} == set(TURNS)
