"""The real yfinance library against a server on loopback that answers as Yahoo does."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest
import stamina
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs

from desk.calendar import NEW_YORK, evening_of, sessions_between
from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch, Window
from ingest.sources import rows_of as given
from ingest.sources import yfinance as yfinance_source
from ingest.sources.yfinance import YfinanceSource
from tests.ingest.conftest import rows_of
from tests.ingest.vendors import QUICK, Failing

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
    adjusted = list(closes)
    for day, amount in dividends.items():
        first = days.index(day)
        for earlier in range(first):
            adjusted[earlier] *= 1 - amount / closes[first - 1]
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
            "adjclose": [{"adjclose": adjusted}],
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
def source(yahoo: HTTPServer) -> YfinanceSource:
    return YfinanceSource(yahoo.url_for(""), QUICK)


def answer(yahoo: HTTPServer, symbol: str, body: dict[str, Any]) -> None:
    yahoo.expect_request(f"/v8/finance/chart/{symbol}").respond_with_json(body)


def charts_asked(yahoo: HTTPServer) -> list[str]:
    return [
        request.path.rsplit("/", 1)[1]
        for request, _ in yahoo.log
        if request.path.startswith("/v8/finance/chart/")
    ]


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


def test_returns_with_actions_undone_are_those_of_the_adjusted_close(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    body = chart()
    answer(yahoo, "SPLIT", body)
    batch = fetch(source, "SPLIT")
    adjusted = body["chart"]["result"][0]["indicators"]["adjclose"][0]["adjclose"]
    values = {(a.ex_date, a.kind): float(str(a.value)) for a in batch.actions}
    for (before, bar), expected in zip(
        pairwise(given(batch)), pairwise(adjusted), strict=True
    ):
        previous, close = float(str(before.close)), float(str(bar.close))
        split = values.get((bar.bar_date, "split"), 1.0)
        dividend = values.get((bar.bar_date, "dividend"), 0.0)
        forward = close * split / previous * previous / (previous - dividend)
        assert forward == pytest.approx(expected[1] / expected[0], rel=1e-6)


def test_a_split_after_the_window_is_undone_and_not_told(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "LATER", chart())
    batch = fetch(source, "LATER", end=TUESDAY)
    assert [bar.close for bar in given(batch)] == [101, 103]
    assert batch.actions == [Action("LATER", TUESDAY, "dividend", 0.5)]


def test_a_reverse_split_is_undone_too(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "REVERSE", chart(splits={WEDNESDAY: (1, 10)}, dividends={}))
    batch = fetch(source, "REVERSE")
    assert [bar.close for bar in given(batch)[:2]] == [2.525, 2.575]
    assert [bar.volume for bar in given(batch)[:2]] == [40_000, 80_000]
    assert batch.actions == [Action("REVERSE", WEDNESDAY, "split", 0.1)]


def test_prices_in_another_currency_come_with_its_name(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "PENCE.L", chart(currency="GBp"))
    batch = fetch(source, "PENCE.L")
    assert len(given(batch)) == len(PRICES)
    assert batch.currencies == {"PENCE.L": "GBp"}


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("429", "Yahoo refuses so many requests (429)"),
        ("503", "Yahoo is out of order (status 503)"),
        ("timeout", "Yahoo did not answer within 0.3 seconds"),
        ("cut short", "Yahoo's answer is cut short or garbled"),
        ("web page", "Yahoo answered with a web page instead of prices"),
        ("nothing", "Yahoo's answer is empty"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_and_else_told(
    how: str, said: str, yahoo: HTTPServer, source: YfinanceSource
) -> None:
    for_good = Failing(how, json.dumps(chart()))
    for_once = Failing(how, json.dumps(chart()), times=1)
    yahoo.expect_request("/v8/finance/chart/BAD").respond_with_handler(for_good)
    yahoo.expect_request("/v8/finance/chart/BUSY").respond_with_handler(for_once)

    batches = {
        batch.symbols[0]: batch
        for symbol in ("BUSY", "BAD")
        for batch in source.fetch([Window(symbol, MONDAY, THURSDAY)])
    }
    assert batches["BAD"].failures["BAD"].startswith(said)
    assert "\n" not in batches["BAD"].failures["BAD"]
    # The server sleeps through the last of the requests it lets time out.
    assert for_good.asked >= (2 if how == "timeout" else 3)
    assert len(batches["BUSY"].bars) == 4


EMPTY = chart()
del EMPTY["chart"]["result"][0]["timestamp"]
CHANGED = chart()
CHANGED["chart"]["result"][0]["indicators"]["quote"][0]["last"] = CHANGED["chart"][
    "result"
][0]["indicators"]["quote"][0].pop("close")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (EMPTY, "Yahoo has no prices for that time"),
        (CHANGED, "Yahoo's answer can't be read, has it changed? KeyError: 'close'"),
        (NOT_FOUND, "Yahoo says: No data found"),
        ({"finance": {}}, "Yahoo's answer has changed: it has no chart"),
        ({"chart": []}, "Yahoo's answer has changed: it has no chart"),
    ],
)
def test_a_failure_that_will_not_pass_is_told_and_not_tried_again(
    body: dict[str, Any], said: str, yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "BAD", body)
    assert fetch(source, "BAD").failures == {"BAD": said}
    assert charts_asked(yahoo) == ["BAD"]


def test_a_symbol_costs_one_request_and_no_other_host_is_asked(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    answer(yahoo, "ONE", chart())
    fetch(source, "ONE")
    assert charts_asked(yahoo) == ["ONE"]


def test_what_can_be_no_ticker_is_not_asked_for(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    assert fetch(source, "../V1/TEST").failures == {
        "../V1/TEST": "not a ticker that Yahoo could have"
    }
    assert yahoo.log == []


def test_a_vendor_that_stays_down_is_left_alone(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    yahoo.expect_request(re.compile("/v8/finance/chart/.*")).respond_with_handler(
        Failing("503")
    )
    windows = [Window(f"S{n}", MONDAY, THURSDAY) for n in range(40)]
    failures = [
        why for batch in source.fetch(windows) for why in batch.failures.values()
    ]
    assert len(failures) == 40
    assert failures[-1] == "not asked, Yahoo failed 12 times in a row"
    assert len(charts_asked(yahoo)) <= 14 * 3


def test_a_price_100_times_off_is_repaired_unless_told_not_to(
    yahoo: HTTPServer,
) -> None:
    days = [s.session_date for s in sessions_between(date(2012, 11, 1), THURSDAY)]
    prices = [
        (day, 25.0, 25.5, 24.75, 25.0 + n % 3 / 10, 4000) for n, day in enumerate(days)
    ]
    prices[20] = (days[20], 2500.0, 2550.0, 2475.0, 2520.0, 4000)
    answer(yahoo, "OFF", chart(prices, splits={}, dividends={}))
    window = Window("OFF", days[20], days[20])
    closes = {}
    for repair in (True, False):
        source = YfinanceSource(yahoo.url_for(""), QUICK, repair=repair)
        ((bar,),) = (given(batch) for batch in source.fetch([window]))
        closes[repair] = bar.close
    assert closes == {True: 25.2, False: 2520.0}


def test_repairs_that_fail_cost_no_prices_and_are_told_once(
    yahoo: HTTPServer, source: YfinanceSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = yfinance_source._history

    def broken(*given: Any, repair: bool = False) -> Any:
        if repair:
            raise ValueError("no such column")
        return asked(*given)

    monkeypatch.setattr(yfinance_source, "_history", broken)
    for symbol in ("ONE", "TWO"):
        answer(yahoo, symbol, chart())
    windows = [Window(symbol, MONDAY, THURSDAY) for symbol in ("ONE", "TWO")]
    with capture_logs() as logs:
        batches = list(source.fetch(windows))

    assert [len(batch.bars) for batch in batches] == [4, 4]
    (told,) = logs
    assert (told["event"], told["log_level"], told["symbols"]) == (
        "prices_not_repaired",
        "warning",
        2,
    )


def test_two_dividends_close_together_are_both_kept(
    yahoo: HTTPServer, source: YfinanceSource
) -> None:
    """The library's repair takes the smaller one for a phantom."""
    answer(yahoo, "TWO", chart(splits={}))
    assert [a.value for a in fetch(source, "TWO").actions] == [0.125, 0.13]


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


def test_a_desk_without_the_extra_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(SettingError) as refused:
        YfinanceSource()
    assert str(refused.value).startswith(
        "DESK_PRICE_SOURCE=yfinance: the package yfinance is not installed"
    )
