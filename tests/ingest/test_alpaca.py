"""The real alpaca-py against a server on loopback that answers as Alpaca does."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import stamina
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from desk.calendar import evening_of
from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch, Window, rows_of
from ingest.sources.alpaca import AlpacaSource
from ingest.sources.vendor import retry_after
from tests.ingest.conftest import MONDAY, TUESDAY, WEDNESDAY
from tests.ingest.conftest import rows_of as rows_in
from tests.ingest.vendors import QUICK, Failing

BARS, ACTIONS = "/v2/stocks/bars", "/v1/corporate-actions"


def a_bar(day: date, close: float = 10.75) -> dict[str, Any]:
    return {
        "c": close, "h": 11, "l": 10, "n": 9, "o": 10.5, "v": 1000, "vw": 10.6,
        "t": f"{day}T05:00:00Z",
    }  # fmt: skip


def an_action(**more: Any) -> dict[str, Any]:
    return {
        "cusip": "037833100", "id": "1", "symbol": "AAPL", "process_date": "2013-01-08",
        "ex_date": "2013-01-08", "record_date": None, **more,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def keys(settings: Settings, httpserver: HTTPServer) -> Settings:
    return settings.model_copy(
        update={
            "alpaca_key_id": SecretStr("PKHUNTER"),
            "alpaca_secret_key": SecretStr("hunter2"),
            "alpaca_data_url": httpserver.url_for(""),
        }
    )


@pytest.fixture
def source(keys: Settings) -> AlpacaSource:
    return AlpacaSource(keys, QUICK)


def bars_of(given: dict[str, list[dict[str, Any]]]) -> Callable[[Request], Response]:
    """Answers with the bars of the symbols asked for, two a page."""

    def answer(request: Request) -> Response:
        symbols = request.args["symbols"].split(",")
        if wrong := [symbol for symbol in symbols if symbol.startswith("^")]:
            told = {"message": f"invalid symbol: {wrong[0]}"}
            return Response(json.dumps(told), 400, content_type="application/json")
        all_bars = [(s, bar) for s in sorted(symbols) for bar in given.get(s, ())]
        first = int(request.args.get("page_token") or 0)
        page: dict[str, list[Any]] = {}
        for symbol, bar in all_bars[first : first + 2]:
            page.setdefault(symbol, []).append(bar)
        token = str(first + 2) if first + 2 < len(all_bars) else None
        return Response(
            json.dumps({"bars": page, "next_page_token": token}),
            content_type="application/json",
        )

    return answer


def serve(
    server: HTTPServer,
    bars: Callable[[Request], Response],
    actions: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    server.expect_request(BARS).respond_with_handler(bars)
    server.expect_request(ACTIONS).respond_with_json(
        {"corporate_actions": actions or {}, "next_page_token": None}
    )


def fetch(source: AlpacaSource, *symbols: str) -> Batch:
    (batch,) = source.fetch([Window(s, MONDAY, WEDNESDAY) for s in symbols])
    return batch


def test_bars_of_every_page_come_as_traded_on_their_session(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    days = (MONDAY, TUESDAY, WEDNESDAY)
    serve(httpserver, bars_of({"AAPL": [a_bar(day) for day in days]}))

    batch = fetch(source, "AAPL")

    assert batch.bars == [Bar("AAPL", day, 10.5, 11, 10, 10.75, 1000) for day in days]
    assert batch.failures == {}
    asked = [request for request, _ in httpserver.log if request.path == BARS]
    assert [request.args.get("page_token") for request in asked] == [None, "2"]
    assert {request.args["adjustment"] for request in asked} == {"raw"}
    assert {request.args["feed"] for request in asked} == {"iex"}
    assert {request.headers["APCA-API-KEY-ID"] for request in asked} == {"PKHUNTER"}


def test_a_summer_bar_falls_on_its_session_too(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    summer = {**a_bar(MONDAY), "t": "2012-07-09T04:00:00Z"}
    serve(httpserver, bars_of({"AAPL": [summer]}))
    (bar,) = rows_of(fetch(source, "AAPL"))
    assert bar.bar_date == date(2012, 7, 9)


def test_splits_and_dividends_of_one_day_become_one_each(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    actions = {
        "forward_splits": [an_action(new_rate=4, old_rate=1)],
        "reverse_splits": [
            an_action(symbol="MSFT", new_rate=1, old_rate=10, new_cusip="1")
        ],
        "stock_dividends": [an_action(symbol="MSFT", rate=0.05, ex_date="2013-01-09")],
        "cash_dividends": [
            an_action(rate=0.125, special=False, foreign=False),
            an_action(rate=3, special=True, foreign=False),
        ],
    }
    bars = {"AAPL": [a_bar(MONDAY)], "MSFT": [a_bar(MONDAY)]}
    serve(httpserver, bars_of(bars), actions)

    assert sorted(map(str, fetch(source, "AAPL", "MSFT").actions)) == sorted(
        map(
            str,
            [
                Action("AAPL", "2013-01-08", "split", 4.0),
                Action("MSFT", "2013-01-08", "split", 0.1),
                Action("MSFT", "2013-01-09", "split", 1.05),
                Action("AAPL", "2013-01-08", "dividend", 3.125),
            ],
        )
    )


def test_a_wrong_symbol_and_one_without_prices_stop_no_other(
    httpserver: HTTPServer, source: AlpacaSource, keys: Settings, database: Database
) -> None:
    serve(httpserver, bars_of({s: [a_bar(MONDAY)] for s in ("AAPL", "TRUE", "NAN")}))
    symbols = ("aapl", "^GSPC", "TRUE", "GONE", "NAN", "NOT/ONE")
    asked = keys.model_copy(update={"symbols": symbols})

    report = load(asked, database, evening_of(WEDNESDAY), source=source)

    assert rows_in(database, "select symbol from raw.raw_prices order by symbol") == [
        ("AAPL",),
        ("NAN",),
        ("TRUE",),
    ]
    assert set(report.failed_symbols) == {"^GSPC", "GONE", "NOT/ONE"}
    assert report.failed_symbols["^GSPC"] == "Alpaca says: invalid symbol: ^GSPC"
    assert "iex feed has no prices" in report.failed_symbols["GONE"]


def test_recent_sip_data_refused_is_explained(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    told = {"message": "subscription does not permit querying recent SIP data"}
    httpserver.expect_request(BARS).respond_with_json(told, status=403)

    assert (
        fetch(source, "AAPL")
        .failures["AAPL"]
        .endswith("set DESK_ALPACA_FEED=iex, or load later")
    )


def test_refused_keys_end_the_load_without_being_shown(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    httpserver.expect_request(BARS).respond_with_json(
        {"message": "forbidden."}, status=403
    )
    with pytest.raises(SettingError, match="Alpaca refuses the keys") as refused:
        fetch(source, "AAPL")
    assert "hunter2" not in str(refused.value)
    assert len(httpserver.log) == 1


ANSWER = json.dumps({"bars": {"AAPL": [a_bar(MONDAY)]}, "next_page_token": None})


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("429", "refuses so many requests"),
        ("503", "out of order (status 503)"),
        ("timeout", "did not answer within 0.3 seconds"),
        ("cut short", "cut short"),
        ("web page", "a web page instead of prices"),
        ("nothing", "cut short"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_and_else_told(
    how: str, said: str, httpserver: HTTPServer, source: AlpacaSource
) -> None:
    for_good, for_once = Failing(how, ANSWER), Failing(how, ANSWER, times=1)
    serve(httpserver, for_good)
    failed = fetch(source, "AAPL")
    httpserver.clear()
    serve(httpserver, for_once)
    recovered = fetch(source, "AAPL")

    assert said in failed.failures["AAPL"]
    assert "\n" not in failed.failures["AAPL"]
    # The server sleeps through the last of the requests it lets time out.
    assert for_good.asked >= (2 if how == "timeout" else 3)
    assert len(recovered.bars) == 1


def test_an_answer_that_changed_is_told_and_not_tried_again(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    other = Failing("other json")
    serve(httpserver, other)
    assert "has neither bars nor" in fetch(source, "AAPL").failures["AAPL"]
    assert other.asked == 1
    httpserver.clear()
    renamed = {k: v for k, v in a_bar(MONDAY).items() if k != "c"} | {"close": 1}
    serve(httpserver, bars_of({"AAPL": [renamed]}))
    assert fetch(source, "AAPL").failures["AAPL"].endswith("a bar has no c")


def test_a_vendor_that_stays_down_is_left_alone(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    down = Failing("503")
    serve(httpserver, down)
    # Windows of their own, so that each symbol is a request.
    windows = [Window(f"S{n}", MONDAY - timedelta(n), WEDNESDAY) for n in range(40)]
    batches = list(source.fetch(windows))
    failures = [why for batch in batches for why in batch.failures.values()]
    assert len(failures) == 40
    assert failures[-1] == "not asked, Alpaca failed 12 times in a row"
    assert down.asked <= 14 * 3


def test_alpaca_needs_keys(settings: Settings) -> None:
    with pytest.raises(SettingError, match="APCA_API_KEY_ID=: the source alpaca needs"):
        AlpacaSource(settings)


def test_a_vendor_that_says_how_long_to_wait_is_asked_again_after_that(
    httpserver: HTTPServer, source: AlpacaSource
) -> None:
    a_second, an_hour = (
        Failing("429", ANSWER, times=1, retry_after=seconds)
        for seconds in ("1", "3600")
    )
    serve(httpserver, a_second)
    begun = time.monotonic()
    with stamina.set_testing(False):
        assert len(fetch(source, "AAPL").bars) == 1
    assert time.monotonic() - begun >= 1
    httpserver.clear()
    serve(httpserver, an_hour)
    assert "429" in fetch(source, "AAPL").failures["AAPL"]
    assert an_hour.asked == 1


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_a_retry_after_is_a_number_or_a_date(
    told: str | None, seconds: float | None
) -> None:
    assert retry_after(told) == seconds
