"""The real yfinance library against a server on loopback that answers as Yahoo does."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from desk.calendar import NEW_YORK, evening_of
from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch, Window
from ingest.sources.yfinance import YfinanceSource
from tests.ingest.conftest import rows_of

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2013, 1, day) for day in (7, 8, 9, 10))
# As Yahoo tells it after a 4:1 split on Wednesday: everything before is divided.
PRICES = [
    (MONDAY, 25.0, 25.5, 24.75, 25.25, 4000),
    (TUESDAY, 25.25, 26.0, 25.0, 25.75, 8000),
    (WEDNESDAY, 26.0, 26.5, 25.5, 26.25, 5000),
    (THURSDAY, 26.25, 27.0, 26.0, 26.754999160766602, 6000),
]
SPLITS = {WEDNESDAY: (4, 1)}
DIVIDENDS = {TUESDAY: 0.125, THURSDAY: 0.13}


def stamp(day: date) -> int:
    """In the evening, when the date in UTC is the next one already."""
    return int(datetime.combine(day, time(20), NEW_YORK).timestamp())


def chart(
    prices: Sequence[Sequence[Any]] = PRICES,
    splits: Mapping[date, tuple[int, int]] = SPLITS,
    dividends: Mapping[date, float] = DIVIDENDS,
    currency: str = "USD",
) -> dict[str, Any]:
    days, opens, highs, lows, closes, volumes = zip(*prices, strict=True)
    result = {
        "meta": {
            "currency": currency,
            "symbol": "SYMBOL",
            "instrumentType": "EQUITY",
            "exchangeTimezoneName": "America/New_York",
            "validRanges": ["1d", "max"],
        },
        "timestamp": [stamp(day) for day in days],
        "events": {
            "splits": {
                str(stamp(day)): {
                    "date": stamp(day),
                    "numerator": new,
                    "denominator": old,
                }
                for day, (new, old) in splits.items()
            },
            "dividends": {
                str(stamp(day)): {"date": stamp(day), "amount": amount}
                for day, amount in dividends.items()
            },
        },
        "indicators": {
            "quote": [
                {
                    "open": opens,
                    "high": highs,
                    "low": lows,
                    "close": closes,
                    "volume": volumes,
                }
            ],
            "adjclose": [{"adjclose": closes}],
        },
    }
    return {"chart": {"result": [result], "error": None}}


NOT_FOUND = {
    "chart": {
        "result": None,
        "error": {"code": "Not Found", "description": "No data found"},
    }
}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def yahoo(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/v1/test/getcrumb").respond_with_data("crumb")
    httpserver.expect_request("/").respond_with_data("")
    return httpserver


@pytest.fixture
def source(yahoo: HTTPServer, tmp_path: Path) -> YfinanceSource:
    return YfinanceSource(tmp_path / "yfinance", base_url=yahoo.url_for(""))


def answer(yahoo: HTTPServer, symbol: str, body: dict[str, Any]) -> None:
    yahoo.expect_request(f"/v8/finance/chart/{symbol}").respond_with_json(body)


def fetch(source: YfinanceSource, symbol: str, end: date = THURSDAY) -> Batch:
    (batch,) = source.fetch([Window(symbol, MONDAY, end)])
    return batch


def test_bars_and_dividends_come_as_traded_across_a_split(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "SPLIT", chart())
    batch = fetch(source, "SPLIT")
    assert batch.failures == {}
    assert batch.bars == [
        Bar("SPLIT", MONDAY, 100, 102, 99, 101, 1000),
        Bar("SPLIT", TUESDAY, 101, 104, 100, 103, 2000),
        Bar("SPLIT", WEDNESDAY, 26, 26.5, 25.5, 26.25, 5000),
        # Yahoo's single precision is rounded away.
        Bar("SPLIT", THURSDAY, 26.25, 27, 26, 26.755, 6000),
    ]
    assert batch.actions == [
        Action("SPLIT", WEDNESDAY, "split", 4),
        Action("SPLIT", TUESDAY, "dividend", 0.5),
        Action("SPLIT", THURSDAY, "dividend", 0.13),
    ]


def test_a_split_after_the_window_is_undone_and_not_told(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "LATER", chart())
    batch = fetch(source, "LATER", end=TUESDAY)
    assert [bar.close for bar in batch.bars] == [101, 103]
    assert batch.actions == [Action("LATER", TUESDAY, "dividend", 0.5)]


def test_a_reverse_split_is_undone_too(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "REVERSE", chart(splits={WEDNESDAY: (1, 10)}, dividends={}))
    batch = fetch(source, "REVERSE")
    assert [bar.close for bar in batch.bars[:2]] == [2.525, 2.575]
    assert [bar.volume for bar in batch.bars[:2]] == [40_000, 80_000]
    assert batch.actions == [Action("REVERSE", WEDNESDAY, "split", 0.1)]


def test_prices_in_another_currency_are_refused(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "PENCE.L", chart(currency="GBp"))
    assert fetch(source, "PENCE.L").failures == {
        "PENCE.L": "prices are in GBp, the desk trades USD"
    }


def test_a_rate_limit_is_waited_for(yahoo: HTTPServer, source: YfinanceSource) -> None:
    refusals = iter(range(4))

    def busy(_: Request) -> Response:
        refused = next(refusals, None) is not None
        return Response(status=429) if refused else Response(json.dumps(chart()))

    yahoo.expect_request("/v8/finance/chart/BUSY").respond_with_handler(busy)
    assert len(fetch(source, "BUSY").bars) == 4


def test_one_bad_answer_stops_no_other_symbol_and_a_null_bar_is_kept(
    yahoo: HTTPServer,
    source: YfinanceSource,
    settings: Settings,
    database: Database,
) -> None:
    nulls = [*PRICES[:3], (THURSDAY, None, None, None, None, None)]
    answer(yahoo, "GOOD", chart(nulls, dividends={}))
    yahoo.expect_request("/v8/finance/chart/HTML").respond_with_data("<html>sorry")
    yahoo.expect_request("/v8/finance/chart/GONE").respond_with_json(
        NOT_FOUND, status=404
    )
    wanted = settings.model_copy(update={"symbols": ("html", "gone", "good")})
    report = load(wanted, database, evening_of(THURSDAY), source=source)

    assert (report.rows_new, report.rows_rejected, report.actions_new) == (3, 1, 1)
    assert set(report.failed_symbols) == {"HTML", "GONE"}
    assert rows_of(
        database, "select symbol, bar_date, reasons[1] from raw.rejected_prices"
    ) == [("GOOD", "2013-01-10", "open is missing")]


def test_yfinance_needs_symbols(source: YfinanceSource) -> None:
    with pytest.raises(SettingError, match="DESK_SYMBOLS=: yfinance needs symbols"):
        source.universe(())


def test_a_desk_without_the_extra_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(SettingError) as refused:
        YfinanceSource(tmp_path)
    assert str(refused.value).startswith(
        "DESK_PRICE_SOURCE=yfinance: the package yfinance is not installed"
    )
