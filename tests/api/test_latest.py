"""/latest: the newest signals, with why, and what became of them."""

from datetime import date

import pytest

from tests.api.conftest import FRIDAY, Service, order_for, publish_session

THURSDAY = date(2013, 2, 28)


def test_latest_gives_the_newest_signals_first_with_reasons(service: Service) -> None:
    service.publish("OLD", THURSDAY)
    key = service.publish("AAPL", sentence="SMA 50 rose above SMA 200.")
    latest = service.ask("/latest")
    assert latest["session_date"] == "2013-03-01"
    signal, *_ = latest["signals"]
    assert signal == {
        "signal_key": key,
        "strategy": "sma_cross",
        "symbol": "AAPL",
        "bar_date": "2013-03-01",
        "side": "buy",
        "close": 12.5,
        "details": {"sentence": "SMA 50 rose above SMA 200."},
        "published_at": "2013-03-02T01:00:00Z",
        "valid_until": "2013-03-04T21:00:00Z",
        "executed": None,
        "executed_reason": None,
        "filled_qty": None,
        "filled_avg_price": None,
    }


def test_a_signal_tells_what_became_of_its_order(service: Service) -> None:
    key = service.publish("BLOCKED")
    with service.database.connect("executor") as conn:
        order_for(conn, key)
    told = {s["symbol"]: s for s in service.ask("/latest")["signals"]}
    assert told["BLOCKED"]["executed"] == "blocked"
    assert told["BLOCKED"]["executed_reason"] == "not enough cash"


def test_a_limit_asks_for_fewer(service: Service) -> None:
    service.publish("EARLY", THURSDAY)
    service.publish("LATE", FRIDAY)
    signals = service.ask("/latest?limit=2")["signals"]
    assert [s["symbol"] for s in signals] == ["LATE", "EARLY"]


@pytest.mark.parametrize("limit", ["0", "-1", "501", "many"])
def test_a_limit_out_of_bounds_is_refused(service: Service, limit: str) -> None:
    refused = service.get(f"/latest?limit={limit}", **{"X-API-Key": service.key})
    assert refused.status_code == 400


def test_a_session_without_signals_is_the_last_one_too(
    service: Service,
) -> None:
    service.publish("FRIDAY", FRIDAY)
    with service.database.connect("executor") as conn:
        publish_session(conn, date(2013, 3, 4))
    try:
        latest = service.ask("/latest?limit=1")
        assert latest["session_date"] == "2013-03-04"
        assert [s["bar_date"] for s in latest["signals"]] == ["2013-03-01"]
    finally:
        with service.database.connect() as conn:
            conn.execute(
                "delete from trading.published_sessions"
                " where session_date = '2013-03-04'"
            )
