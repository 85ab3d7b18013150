"""What the routes tell over a built desk, against the tables they read."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.api.conftest import Service


def rows(service: Service, query: str, *parameters: object) -> list[Any]:
    with service.database.connect("reader") as conn:
        return conn.execute(query, list(parameters)).fetchall()


def read_stream(file: BytesIO) -> Any:
    stream: Any = pa.ipc.open_stream(file)
    return stream.read_all()


def count(service: Service, table: str, condition: str = "true") -> int:
    ((found,),) = rows(service, f"select count(*) from {table} where {condition}")
    return int(found)


def test_pages_of_signals_follow_each_other_without_gap_or_repeat(
    full_service: Service,
) -> None:
    seen: list[str] = []
    path = "/signals?limit=7"
    while True:
        page = full_service.ask(path)
        seen += [signal["signal_key"] for signal in page["signals"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"].replace("|", "%7C")
        path = f"/signals?limit=7&cursor={cursor}"
    published = rows(
        full_service, "select signal_key from trading.signals order by sequence desc"
    )
    assert seen == [key for (key,) in published]
    assert len(seen) > 20


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("symbol=AAPL", "symbol = 'AAPL'"),
        ("strategy=macd_cross", "strategy = 'macd_cross'"),
        ("side=sell", "side = 'sell'"),
        (
            "from=2013-02-10&to=2013-02-20",
            "bar_date between '2013-02-10' and '2013-02-20'",
        ),
        ("executed=true", "coalesce(filled_qty, 0) > 0"),
        ("executed=false", "coalesce(filled_qty, 0) = 0"),
        ("executed=blocked", "executed = 'blocked'"),
        (
            "symbol=MSFT&side=buy&executed=filled",
            "symbol = 'MSFT' and side = 'buy' and executed = 'filled'",
        ),
    ],
)
def test_filters_of_signals_leave_what_they_name(
    full_service: Service, query: str, condition: str
) -> None:
    found = full_service.ask(f"/signals?limit=500&{query}")["signals"]
    wanted = rows(
        full_service,
        f"select signal_key from trading.signal_states where {condition}"
        " order by sequence desc",
    )
    assert [signal["signal_key"] for signal in found] == [key for (key,) in wanted]
    assert found


def test_a_signals_story_goes_from_its_bars_to_its_fills(full_service: Service) -> None:
    filled = full_service.ask("/signals?executed=true&limit=1")["signals"][0]
    key = filled["signal_key"].replace("|", "%7C")
    story = full_service.ask(f"/signals/{key}")
    assert story["signal"] == filled
    assert story["signal"]["details"]["rule"]
    assert len(story["bars"]) == 60
    assert story["bars"][-1]["bar_date"] == filled["bar_date"]
    assert story["bars"][-1]["close"] == filled["close"]
    assert len(story["indicators"]) > 40
    (order,) = story["orders"]
    assert order["state"] == "filled"
    assert story["steps"][-1]["new_state"] == "filled"
    (fill,) = story["fills"]
    assert fill["filled_avg_price"] == order["filled_avg_price"]
    assert fill["slippage_bps"] == pytest.approx(5, abs=0.1)


def test_bars_are_the_marts(full_service: Service) -> None:
    bars = full_service.ask("/bars/IBM?from=2012-01-01&to=2012-12-31")
    wanted = rows(
        full_service,
        "select bar_date::text, close, adjusted_close from marts.bars"
        " where symbol = 'IBM' and bar_date between '2012-01-01' and '2012-12-31'"
        " order by bar_date",
    )
    assert [(b["bar_date"], b["close"], b["adjusted_close"]) for b in bars] == wanted
    assert len(wanted) == 250


def test_indicators_come_in_the_columns_asked_for(full_service: Service) -> None:
    asked = "/indicators/AAPL?columns=sma_50,rsi_14&from=2013-02-28"
    found = full_service.ask(asked)
    assert [list(one["values"]) for one in found] == [["sma_50", "rsi_14"]] * 2
    ((rsi,),) = rows(
        full_service,
        "select rsi_14 from marts.indicators"
        " where symbol = 'AAPL' and bar_date = '2013-03-01'",
    )
    assert found[-1]["values"]["rsi_14"] == rsi


@pytest.mark.parametrize(
    "path",
    [
        "/bars/NOPE",
        "/indicators/NOPE",
        "/indicators/AAPL?columns=rsi_14,nope",
        "/indicators/AAPL?columns=symbol",
        "/signals?symbol=NOPE",
        "/signals?strategy=nope",
        "/signals?cursor=nope%7CAAPL%7C2013-01-01",
        "/signals/nope%7CAAPL%7C2013-01-01",
        "/orders?symbol=NOPE",
        "/backtests/nope",
        "/backtests/donchian?symbol=NOPE",
        "/near-misses?strategy=nope",
        "/events?symbols=AAPL,NOPE",
        "/events?strategies=nope",
    ],
)
def test_what_is_not_there_is_not_found(full_service: Service, path: str) -> None:
    answered = full_service.get(path, **{"X-API-Key": full_service.key})
    assert answered.status_code == 404
    assert answered.json()["detail"].startswith("no ")


@pytest.mark.parametrize(
    "path",
    [
        "/bars/AAPL'--",
        "/bars/AAPL%00",
        "/bars/AAPL?from=yesterday",
        '/indicators/AAPL?columns=rsi_14"',
        "/indicators/AAPL?columns=rsi_14,%20pg_sleep(9)",
        "/signals?side=hold",
        "/signals?executed=maybe",
        "/orders?cursor=99999999999999999999",
        "/events?kinds=rumours",
    ],
)
def test_what_can_not_be_is_refused(full_service: Service, path: str) -> None:
    answered = full_service.get(path, **{"X-API-Key": full_service.key})
    assert answered.status_code == 400


def test_symbols_tell_how_good_their_data_are(full_service: Service) -> None:
    with full_service.database.connect("ingest") as conn:
        conn.execute(
            "insert into raw.symbol_marks"
            " (symbol, rule, bar_date, value, detail, marked_at) values"
            " ('FB', 'gap', '2012-06-01', 3, 'three sessions are missing', now())"
        )
    try:
        found = {one["symbol"]: one for one in full_service.ask("/symbols")}
    finally:
        with full_service.database.connect() as conn:
            conn.execute("delete from raw.symbol_marks")
    assert list(found) == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert found["AAPL"]["bars"] == 3270
    assert found["AAPL"]["first_bar_date"] == "2000-03-01"
    assert found["AAPL"]["sessions_behind"] == 0
    assert found["AAPL"]["is_tradable"]
    assert not found["FB"]["is_tradable"]
    assert found["FB"]["marks"][0]["detail"] == "three sessions are missing"


def test_backtests_are_the_marts(full_service: Service) -> None:
    metrics = full_service.ask("/backtests")
    assert len(metrics) == count(full_service, "marts.backtest_metrics")
    one = full_service.ask("/backtests/sma_cross")
    assert one["metrics"] in metrics
    portfolio = "strategy = 'sma_cross' and account = 'portfolio'"
    assert len(one["trades"]) == count(full_service, "marts.trades", portfolio)
    curve = "strategy = 'sma_cross' and symbol = 'portfolio'"
    assert len(one["equity"]) == count(full_service, "marts.equity_curve", curve)
    own = full_service.ask("/backtests/sma_cross/trades?symbol=AAPL")
    assert {(trade["account"], trade["symbol"]) for trade in own} == {
        ("symbol", "AAPL")
    }


def test_strategies_say_what_they_do(full_service: Service) -> None:
    cards = {card["strategy"]: card for card in full_service.ask("/strategies")}
    assert cards["sma_cross"]["parameters"] == {"fast_bars": 50, "slow_bars": 200}
    assert "turtles" in cards["donchian"]["description"]


def test_the_ledger_adds_up(full_service: Service) -> None:
    orders = full_service.ask("/orders?limit=500")["orders"]
    assert len(orders) == count(full_service, "trading.orders")
    filled = full_service.ask("/orders?limit=500&state=filled")["orders"]
    assert filled == [order for order in orders if order["state"] == "filled"]
    positions = full_service.ask("/positions")
    (account,) = full_service.ask("/account")["accounts"]
    assert account["position_value"] == pytest.approx(
        sum(position["market_value"] for position in positions)
    )
    assert full_service.ask("/account/equity")[0] == account
    assert full_service.ask("/near-misses?symbol=AAPL&side=buy")
    (run,) = full_service.ask("/runs")
    assert run["rows_new"] == 12154


@pytest.mark.parametrize(
    "path",
    [
        "/bars/AAPL?from=2013-02-01",
        "/indicators/AAPL?columns=rsi_14,sma_200&from=2000-03-01&to=2000-06-01",
        "/symbols",
        "/backtests",
        "/backtests/donchian/trades",
        "/backtests/donchian/equity",
        "/signals",
        "/orders",
        "/near-misses",
    ],
)
def test_tables_hold_the_same_rows_in_every_format(
    full_service: Service, path: str
) -> None:
    told = full_service.ask(path)
    rows = told if isinstance(told, list) else next(iter(told.values()))
    tables = {}
    readers: dict[str, Callable[[BytesIO], Any]] = {
        "text/csv": pa.csv.read_csv,
        "application/vnd.apache.parquet": pa.parquet.read_table,
        "application/vnd.apache.arrow.stream": read_stream,
    }
    for media_type, read in readers.items():
        answered = full_service.get(
            path, Accept=media_type, **{"X-API-Key": full_service.key}
        )
        assert answered.headers["Content-Type"].startswith(media_type)
        tables[media_type] = read(BytesIO(answered.content))
    csv, parquet, arrow = tables.values()
    assert parquet.equals(arrow)
    assert csv.column_names == parquet.column_names
    assert csv.num_rows == parquet.num_rows == len(rows)
    for name in ("close", "rsi_14", "equity", "qty", "total_return", "bars"):
        if name in parquet.column_names:
            values = [row.get("values", row)[name] for row in rows]
            assert parquet[name].to_pylist() == values
            assert csv[name].to_pylist() == values


def test_a_format_that_is_not_served_is_not_acceptable(full_service: Service) -> None:
    refused = full_service.get(
        "/bars/AAPL", Accept="image/png", **{"X-API-Key": full_service.key}
    )
    assert refused.status_code == 406


def test_what_has_not_changed_is_not_sent_again(full_service: Service) -> None:
    key = {"X-API-Key": full_service.key}
    first = full_service.get("/bars/GOOG", **key)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = full_service.get("/bars/GOOG", **{"If-None-Match": tag}, **key)
    assert (again.status_code, again.content) == (304, b"")
    other = full_service.get(
        "/bars/GOOG", **{"If-None-Match": tag}, Accept="text/csv", **key
    )
    assert other.status_code == 200
    assert full_service.get("/latest", **key).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "used"),
    [
        ("gzip", "gzip"),
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip, br;q=0.5", "gzip"),
        ("gzip;q=0.2, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("identity", None),
        ("gzip;q=0", None),
    ],
)
def test_answers_are_compressed_as_the_client_likes_best(
    full_service: Service, accepted: str, used: str | None
) -> None:
    plain = full_service.get("/bars/FB", **{"X-API-Key": full_service.key})
    packed = full_service.get(
        "/bars/FB", **{"X-API-Key": full_service.key, "Accept-Encoding": accepted}
    )
    assert packed.headers.get("Content-Encoding") == used
    assert packed.json() == plain.json()


def test_a_desk_that_is_not_built_says_so(service: Service) -> None:
    refused = service.get("/strategies", **{"X-API-Key": service.key})
    assert refused.status_code == 503
    assert refused.json()["detail"] == "Not built yet: run desk build."
