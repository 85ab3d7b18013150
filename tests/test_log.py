"""Logs are events with fields, a line each, whoever writes them."""

import json
import logging

import pytest
import structlog

from desk.log import configure_logging
from desk.settings import Settings


@pytest.fixture(autouse=True)
def _put_back() -> object:
    yield
    configure_logging(Settings())


def test_machines_get_a_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(log_format="json", log_level="info"))
    with structlog.contextvars.bound_contextvars(stage="load"):
        structlog.get_logger().info("bars_loaded", symbol="AAPL", bars=3)
        structlog.get_logger().debug("too_fine")
        logging.getLogger("a.library").warning("slow: %s s", 9)

    ours, theirs = map(json.loads, capsys.readouterr().err.splitlines())

    assert (
        ours.items()
        >= {
            "event": "bars_loaded",
            "symbol": "AAPL",
            "bars": 3,
            "stage": "load",
            "level": "info",
        }.items()
    )
    assert ours["timestamp"].endswith("Z")
    assert (
        theirs.items()
        >= {
            "event": "slow: 9 s",
            "logger": "a.library",
            "level": "warning",
            "stage": "load",
        }.items()
    )


def test_people_get_words_and_one_line_an_event_also_when_asked_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(2):
        configure_logging(Settings())
    structlog.get_logger().warning("timescaledb_not_used", reason="not offered")
    logging.getLogger("a.library").info("chatter")
    logging.getLogger("a.library").error("broken")

    first, second = capsys.readouterr().err.splitlines()

    assert "timescaledb_not_used" in first
    assert "reason=not offered" in first or "reason='not offered'" in first
    assert "broken" in second
