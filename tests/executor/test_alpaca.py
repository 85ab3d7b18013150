"""The real alpaca-py against a broker on loopback that lies, lags and dies."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from time import monotonic, sleep
from typing import Any

import pytest
import stamina
from pydantic import SecretStr

from desk.calendar import Clock
from desk.errors import SettingError
from desk.settings import Settings
from executor.alpaca import AlpacaBroker
from executor.alpaca_session import trading_url
from executor.broker import BrokerUnclearError, NewOrder
from executor.control import halt, resume
from executor.execute import PassReport, execute, run_pass
from executor.ledger import client_order_id
from executor.publish import publish
from tests.executor import fake_alpaca
from tests.executor.fake_alpaca import (
    FAULTS,
    KEY,
    SECRET,
    FakeAlpaca,
    alpaca_settings,
    running_fake,
    stamp,
)
from tests.executor.market import MON, TUE, Market, evening

Pass = Callable[..., PassReport]
GIVEN_UP = (
    "select from trading.order_events where new_state in ('rejected', 'abandoned')"
)
ORDER = NewOrder("desk-1", "IBM", "buy", Decimal(95))


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def fake() -> Iterator[FakeAlpaca]:
    with running_fake() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, fake: FakeAlpaca) -> Settings:
    return alpaca_settings(settings, fake)


@pytest.fixture
def market(market: Market) -> Market:
    for symbol in ("AAPL", "IBM", "MSFT"):
        market.flat_bars(symbol, 100)
    return market


@pytest.fixture
def one_pass(market: Market, settings: Settings) -> Iterator[Pass]:
    """A pass at Alpaca."""
    with market.database.connect("executor", autocommit=True) as conn:

        def run(settings: Settings = settings, **later: int) -> PassReport:
            at = evening(MON)
            clock = Clock(at.now + timedelta(**later), at.session)
            return run_pass(conn, AlpacaBroker(settings), settings, clock)

        yield run


def buy(market: Market, *symbols: str) -> None:
    for symbol in symbols:
        market.signal(symbol, MON, "buy", 100)
    publish(market.database, evening(MON))


def test_a_signal_becomes_one_market_order_for_the_day_at_alpaca(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")

    first = execute(settings, market.database, evening(MON))
    second = execute(settings, market.database, evening(MON))

    assert (first.placed, second.placed) == (1, 0)
    assert fake.posts == [
        {
            "symbol": "IBM",
            "qty": "95",
            "side": "buy",
            "type": "market",
            "time_in_force": "day",
            "client_order_id": client_order_id("sma_cross|IBM|2013-02-04"),
        }
    ]
    assert market.rows("select account_id, state, answer from trading.orders") == [
        ("alpaca:PA3TEST", "open", "accepted")
    ]


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "none"])
def test_whatever_is_answered_an_order_is_booked_once_and_the_ledger_agrees(
    market: Market, one_pass: Pass, fake: FakeAlpaca, name: str
) -> None:
    buy(market, "AAPL", "IBM")
    fake.fail(name)

    for _ in range(8):
        report = one_pass()

    assert report.unresolved == 0
    assert fake.booked() == [("AAPL", "95"), ("IBM", "95")]
    assert market.rows(
        "select state, broker_order_id from trading.orders order by id"
    ) == [("open", order["id"]) for order in fake.orders]
    assert market.rows(GIVEN_UP) == []


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, fault in FAULTS.items()
        if fault.status not in (403, 422)
        and name not in ("none", "unknown status", "missing fields")
    ],
)
def test_nothing_new_is_sent_while_an_order_is_unclear(
    market: Market, settings: Settings, fake: FakeAlpaca, name: str
) -> None:
    buy(market, "AAPL", "IBM")
    fake.fail(name)

    report = execute(settings, market.database, evening(MON))

    assert (report.placed, report.unresolved) == (0, 1)
    assert [post["symbol"] for post in fake.posts] == ["AAPL"]
    assert market.rows(
        "select state, attempts, qty * price from trading.orders order by id"
    ) == [("submitting", 1, 9_975), ("submitting", 0, 9_975)]


def test_an_order_that_another_is_just_sending_is_left_to_it(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    buy(market, "AAPL")
    reports = []

    def meanwhile(stage: str, order: object) -> None:
        if stage == "before booking":
            with market.database.connect("executor", autocommit=True) as conn:
                broker = AlpacaBroker(settings)
                reports.append(run_pass(conn, broker, settings, evening(MON)))

    fake.on_post = meanwhile

    report = execute(settings, market.database, evening(MON))

    assert (report.placed, reports[0].placed, reports[0].unresolved) == (1, 0, 1)
    assert len(fake.posts) == 1


@pytest.mark.parametrize("status", [403, 422])
def test_a_refusal_of_an_order_that_was_never_booked_is_final(
    market: Market, one_pass: Pass, fake: FakeAlpaca, status: int
) -> None:
    buy(market, "AAPL", "IBM")
    fake.faults.append(replace(FAULTS[f"booked, refused {status}"], booking="never"))

    one_pass()

    reason = {403: "refused: no money", 422: "refused: odd qty"}[status]
    assert [order[3:] for order in market.orders()] == [
        ("rejected", reason),
        ("open", None),
    ]


def test_a_refused_order_that_shows_up_later_is_adopted(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "AAPL")
    fake.faults.append(replace(FAULTS["booked, refused 403"], hidden=2))
    one_pass()
    refused = market.orders()

    one_pass()
    one_pass()

    assert refused[0][3] == "rejected"
    assert market.orders() == [("AAPL", "buy", 95, "open", None)]
    assert len(fake.posts) == 1


def test_a_404_that_is_not_alpacas_own_permits_nothing(
    settings: Settings, fake: FakeAlpaca
) -> None:
    fake.get_faults.extend([404] * 5)

    with pytest.raises(BrokerUnclearError, match="404 without a word"):
        AlpacaBroker(settings).find_order("desk-1")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_and_a_pass_that_can_not_read_sends_nothing(
    market: Market, settings: Settings, fake: FakeAlpaca, status: int
) -> None:
    buy(market, "IBM")
    fake.get_faults.extend([status] * 2)
    with pytest.raises(BrokerUnclearError):
        execute(settings, market.database, evening(MON))
    assert fake.posts == []
    fake.get_faults.append(status)

    assert execute(settings, market.database, evening(MON)).placed == 1


def test_more_orders_than_fit_on_a_page_are_all_read(
    settings: Settings, fake: FakeAlpaca
) -> None:
    for number in range(1201):
        moment = evening(MON).now + timedelta(seconds=number // 3)
        order = fake._new(
            {
                "client_order_id": f"by-hand-{number}",
                "symbol": "IBM",
                "qty": "1",
                "side": "buy",
                "type": "market",
                "time_in_force": "day",
            }
        )
        fake.orders.append(order | {"submitted_at": stamp(moment)})

    listed = AlpacaBroker(settings).orders_since(evening(MON).now)

    assert [o.id for o in listed] == [o["id"] for o in fake.orders]


def test_a_list_that_does_not_move_on_is_not_taken_for_whole(
    settings: Settings, fake: FakeAlpaca
) -> None:
    moment = stamp(evening(MON).now)
    fake.orders = [
        {"id": str(n), "client_order_id": str(n), "submitted_at": moment}
        for n in range(501)
    ]

    with pytest.raises(BrokerUnclearError, match="no end"):
        AlpacaBroker(settings).orders_since(evening(MON).now)


def test_reads_bear_missing_fields_and_unknown_words(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    only = ("id", "client_order_id", "submitted_at")
    fake.orders[0] = {k: v for k, v in fake.orders[0].items() if k in only}
    fake.account = {
        k: fake.account[k] for k in ("account_number", "cash", "equity", "status")
    }

    one_pass()
    fake.orders[0]["status"] = "pending_mood"
    report = one_pass()

    assert report.control.kill == "off"
    assert market.rows("select state, answer, filled_qty from trading.orders") == [
        ("open", "pending_mood", 0)
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://paper-api.alpaca.markets",
        "https://paper-api.alpaca.markets.example.com",
        "https://paper-api.alpaca.markets@example.com",
        "http://127.0.0.1@example.com",
        "http://example.com\\@127.0.0.1",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0:80",
        "https://broker-api.alpaca.markets",
    ],
)
def test_orders_go_to_alpacas_paper_trading_or_this_machine_only(
    settings: Settings, url: str
) -> None:
    for allow_live in (False, True):
        given = {"alpaca_url": url, "allow_live": allow_live, "price_source": "files"}

        with pytest.raises(SettingError, match="DESK_ALPACA_URL"):
            AlpacaBroker(settings.model_copy(update=given))


def test_live_trading_needs_two_settings(settings: Settings) -> None:
    live = {"alpaca_url": "https://api.alpaca.markets", "price_source": "files"}
    one = settings.model_copy(update=live)
    both = settings.model_copy(update=live | {"allow_live": True})

    with pytest.raises(SettingError, match="DESK_ALLOW_LIVE=true"):
        trading_url(one)
    assert trading_url(both) == "https://api.alpaca.markets"


@pytest.mark.parametrize(
    "clock", [{"price_source": "sample"}, {"as_of": MON, "price_source": "files"}]
)
def test_a_clock_that_is_set_trades_on_loopback_only(
    settings: Settings, clock: dict[str, object]
) -> None:
    real = settings.model_copy(update={"alpaca_url": None} | clock)

    with pytest.raises(SettingError, match="trades today"):
        trading_url(real)


def test_an_answer_that_drips_for_ever_ends_in_time(
    settings: Settings, fake: FakeAlpaca, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(
        handler: fake_alpaca._Handler, status: int, *args: Any, **options: Any
    ) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            sleep(0.1)

    monkeypatch.setattr(fake_alpaca._Handler, "_send", drip)
    broker = AlpacaBroker(settings.model_copy(update={"broker_timeout_seconds": 0.5}))
    started = monotonic()

    with pytest.raises(BrokerUnclearError, match="ReadTimeout"):
        broker.submit(ORDER)

    assert monotonic() - started < 2


def test_the_environments_proxy_and_netrc_are_left_alone(
    settings: Settings, fake: FakeAlpaca, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert AlpacaBroker(settings).account_id == "alpaca:PA3TEST"


def test_wrong_keys_are_a_setting_and_not_shown_even_if_the_broker_shows_them(
    settings: Settings, fake: FakeAlpaca
) -> None:
    wrong = {"alpaca_secret_key": SecretStr("hunter3wrong")}

    with pytest.raises(SettingError, match="refuses the keys") as refused:
        _ = AlpacaBroker(settings.model_copy(update=wrong)).account_id

    assert KEY not in str(refused.value)
    assert "hunter3wrong" not in str(refused.value)


def test_keys_that_the_broker_echoes_never_reach_the_ledger(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    told = json.dumps({"message": f"bad header {KEY} {SECRET}"}).encode()
    fault = FAULTS["booked, refused 403"]
    fake.faults.append(replace(fault, booking="never", body=lambda _: told))
    buy(market, "IBM")

    one_pass()

    assert market.orders()[0][3:] == ("rejected", "refused: bad header *** ***")


def test_requests_keep_to_the_rate(settings: Settings, fake: FakeAlpaca) -> None:
    limited = settings.model_copy(update={"broker_requests_per_minute": 5})
    broker = AlpacaBroker(limited)
    limiter = broker._client._session._limiter  # type: ignore[attr-defined]
    for _ in range(5):
        broker.account()

    assert not limiter.try_acquire("alpaca", blocking=False)
    assert len(fake.asked) == 5


def test_partial_fills_only_grow_over_restarts(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    seen = []
    for qty, price in (("10", "100"), ("40", "100.5"), ("40", "100.5"), ("95", "101")):
        fake.fill("IBM", qty, price)
        one_pass()
        seen += market.rows(
            "select state, filled_qty, filled_avg_price from trading.orders"
        )
        if qty == "40":  # an answer from the past
            fake.change("IBM", filled_qty="10", filled_avg_price="100")
            one_pass()
            assert market.rows(
                "select filled_qty, filled_avg_price from trading.orders"
            ) == [(40, Decimal("100.5"))]

    assert seen == [
        ("partially_filled", 10, 100),
        ("partially_filled", 40, Decimal("100.5")),
        ("partially_filled", 40, Decimal("100.5")),
        ("filled", 95, 101),
    ]
    events = market.rows(
        "select filled_qty from trading.order_events where filled_qty > 0"
        " order by event_id"
    )
    assert events == [(10,), (40,), (95,)]


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        ({"status": "rejected"}, "rejected", "rejected by the broker"),
        (
            {"status": "rejected", "reject_reason": "no shares"},
            "rejected",
            "no shares",
        ),
        ({"status": "expired"}, "expired", None),
        ({"status": "canceled"}, "canceled", None),
        ({"status": "done_for_day"}, "open", None),
        ({"status": "pending_cancel"}, "open", None),
        ({"status": "suspended"}, "open", None),
        ({"status": "filled"}, "open", None),  # though nothing has filled
        ({"status": "filled", "filled_qty": "94"}, "partially_filled", None),
        (
            {"status": "replaced", "replaced_by": "a-b-c"},
            "canceled",
            "replaced at the broker by a-b-c",
        ),
    ],
)
def test_what_becomes_of_an_order_later(
    market: Market,
    one_pass: Pass,
    fake: FakeAlpaca,
    change: dict[str, str],
    state: str,
    reason: str | None,
) -> None:
    buy(market, "IBM")
    one_pass()
    fake.change("IBM", **change)

    one_pass()
    one_pass()

    assert market.orders() == [("IBM", "buy", 95, state, reason)]
    assert len(fake.posts) == 1


def test_a_late_fill_of_a_canceled_order_counts_and_reopens_nothing(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    fake.change("IBM", status="canceled")
    one_pass()
    fake.fill("IBM", "20")

    report = one_pass()

    assert report.fills == 1
    assert market.rows("select state, filled_qty from trading.orders") == [
        ("canceled", 20)
    ]


@pytest.mark.parametrize(
    "lie", [{"symbol": "TSLA"}, {"side": "sell"}, {"qty": "950"}, {"filled_qty": "96"}]
)
def test_an_order_that_is_not_what_was_sent_stops_everything(
    market: Market, one_pass: Pass, fake: FakeAlpaca, lie: dict[str, str]
) -> None:
    buy(market, "IBM")
    one_pass()
    fake.orders[0].update(lie)

    report = one_pass()

    assert report.control.kill == "all"
    assert "the ledger as buy 95 IBM" in (report.control.reason or "")
    assert market.orders() == [("IBM", "buy", 95, "open", None)]


def test_an_order_booked_twice_stops_everything(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    fake.orders.append(fake._new(fake.posts[0]))

    report = one_pass()

    assert report.control.kill == "all"
    assert (report.control.reason or "").endswith(" twice")


def test_fractions_are_bought_where_the_broker_takes_them(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    fake.assets["IBM"] = {"fractionable": False}
    buy(market, "AAPL", "IBM")
    fractional = settings.model_copy(update={"fractional": True})

    execute(fractional, market.database, evening(MON))

    assert fake.booked() == [("AAPL", "95.238095238"), ("IBM", "95")]


def test_an_exit_sells_the_fraction_that_was_bought(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    fractional = settings.model_copy(update={"fractional": True})
    buy(market, "AAPL")
    execute(fractional, market.database, evening(MON))
    fake.fill("AAPL", "95.238095238")
    market.signal("AAPL", TUE, "sell", 100)
    publish(market.database, evening(TUE))

    execute(settings, market.database, evening(TUE))

    assert fake.booked()[1] == ("AAPL", "95.238095238")
    assert fake.posts[1]["side"] == "sell"


@pytest.mark.parametrize(
    ("asset", "reason"),
    [
        ({}, "asset: Alpaca has no IBM"),
        ({"tradable": False}, "asset: IBM is not tradable"),
        ({"status": "inactive"}, "asset: IBM is inactive"),
    ],
)
def test_what_alpaca_does_not_trade_is_blocked(
    market: Market,
    settings: Settings,
    fake: FakeAlpaca,
    asset: dict[str, object],
    reason: str,
) -> None:
    fake.assets["IBM"] = asset
    buy(market, "IBM")

    execute(settings, market.database, evening(MON))

    assert market.orders() == [("IBM", "buy", 0, "blocked", reason)]


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"trading_blocked": True}, "account: trading_blocked"),
        ({"status": "ACCOUNT_CLOSED"}, "account: status ACCOUNT_CLOSED"),
        ({"buying_power": "5000"}, "cash: 9,975.00 needed, 5,000.00 free"),
    ],
)
def test_the_account_alpaca_shows_is_the_one_that_is_judged(
    market: Market,
    settings: Settings,
    fake: FakeAlpaca,
    account: dict[str, object],
    reason: str,
) -> None:
    fake.account |= account
    buy(market, "IBM")

    execute(settings, market.database, evening(MON))

    assert market.orders() == [("IBM", "buy", 0, "blocked", reason)]


def test_a_daily_loss_blocks_the_entry_and_halts_the_others_but_no_exit(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    buy(market, "AAPL")
    execute(settings, market.database, evening(MON))
    fake.fill("AAPL", "95")
    for symbol, side in (("AAPL", "sell"), ("IBM", "buy"), ("MSFT", "buy")):
        market.signal(symbol, TUE, side, 100)
    publish(market.database, evening(TUE))
    fake.account["equity"] = "89000"

    report = execute(settings, market.database, evening(TUE))

    assert report.control.kill == "entries"
    assert [order[::3] for order in market.orders()[1:]] == [
        ("AAPL", "open"),
        ("IBM", "blocked"),
    ]
    assert market.orders()[2][4] == "daily loss: 11.0%, limit 10.0%"
    assert [d.reason for d in report.deferrals] == [
        "kill switch (entries): daily loss: 11.0%, limit 10.0%"
    ]


def test_anothers_live_order_is_not_traded_against(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    by_hand = {"type": "market", "time_in_force": "day", "qty": "1"}
    for symbol, side in (("AAPL", "sell"), ("IBM", "buy"), ("MSFT", "sell")):
        given = {"client_order_id": f"hand-{symbol}", "symbol": symbol, "side": side}
        fake.orders.append(fake._new(by_hand | given))
    fake.change("MSFT", status="filled")
    buy(market, "AAPL", "IBM", "MSFT")

    execute(settings, market.database, evening(MON))

    assert [order[4] for order in market.orders()] == [
        "opposite order live: sell AAPL, not the desk's",
        "already buying IBM, not the desk's order",
        None,
    ]


def test_each_sessions_account_is_kept(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    fake.fill("IBM", "95")
    for _ in range(2):
        execute(settings, market.database, evening(TUE))

    assert market.rows(
        "select session_date, cash, equity from trading.account_equity"
        " where account_id = 'alpaca:PA3TEST' order by 1"
    ) == [(MON, 100_000, 100_000), (TUE, 90_500, 100_000)]
    assert market.rows(
        "select session_date, symbol, qty, close, market_value from trading.positions"
    ) == [(TUE, "IBM", 95, 100, 9_500)]


def test_a_pass_with_an_older_clock_knows_what_a_later_one_did(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass(minutes=10)
    market.run(
        "insert into trading.signals (signal_key, strategy, symbol, bar_date, side,"
        " close, details, run_id, published_at, valid_until) select"
        " 'ema_cross|IBM|2013-02-04', 'ema_cross', symbol, bar_date, side,"
        " close, details, run_id, published_at, valid_until from trading.signals"
    )

    one_pass()

    assert fake.booked() == [("IBM", "95")]
    assert market.orders()[1][4] == "already buying IBM"


@pytest.mark.parametrize(
    ("lie", "row"),
    [
        ({"qty": "94"}, ("IBM", "open", 0)),
        (
            {"qty": "94", "filled_qty": "94", "status": "filled"},
            ("IBM", "canceled", 94),
        ),
        ({"filled_qty": "96", "status": "filled"}, ("IBM", "filled", 95)),
        ({"symbol": "TSLA"}, ("IBM", "canceled", 0)),
        ({"side": "sell", "filled_qty": "95"}, ("IBM", "canceled", 0)),
    ],
)
def test_of_an_order_that_is_not_what_was_sent_a_person_lets_count_what_can_be_ours(
    market: Market, one_pass: Pass, fake: FakeAlpaca, lie: dict[str, str], row: object
) -> None:
    buy(market, "IBM")
    fake.fail("timeout, booked")
    one_pass()
    fake.orders[0].update(lie)
    one_pass(minutes=1)
    resume(market.database, evening(MON))

    later = [one_pass(minutes=2), one_pass(minutes=3)]

    assert [report.control.kill for report in later] == ["off", "off"]
    assert market.rows("select symbol, state, filled_qty from trading.orders") == [row]
    assert "has order desk-" in market.orders()[0][4]


def test_resuming_vouches_for_what_was_seen_only(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    resume(market.database, evening(TUE))
    fake.change("IBM", filled_qty="96")
    overfilled = one_pass()
    resume(market.database, evening(TUE))
    given = {"client_order_id": "desk-nobody", "symbol": "MSFT", "qty": "1"}
    more = {"side": "buy", "type": "market", "time_in_force": "day"}
    fake.orders.append(fake._new(given | more))

    unknown = one_pass()

    assert (overfilled.control.kill, unknown.control.kill) == ("all", "all")
    assert "with 96 filled" in (overfilled.control.reason or "")
    assert "desk-nobody" in (unknown.control.reason or "")


def test_resuming_from_another_halt_vouches_for_nothing(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    one_pass()
    halt(market.database, "all", "lunch")
    fake.change("IBM", filled_qty="96")
    during = one_pass()
    resume(market.database, evening(TUE))

    after = one_pass()

    assert during.control.reason == "lunch"
    assert after.control.kill == "all"
    assert "with 96 filled" in (after.control.reason or "")


def test_an_order_vouched_for_but_not_the_ledgers_is_not_traded_against(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    given = {"client_order_id": "desk-nobody", "symbol": "IBM", "qty": "1"}
    more = {"side": "sell", "type": "market", "time_in_force": "gtc"}
    fake.orders.append(fake._new(given | more))
    one_pass()
    resume(market.database, evening(MON))
    buy(market, "IBM")

    one_pass()

    assert fake.posts == []
    assert market.orders()[0][4] == "opposite order live: sell IBM, not the desk's"


def test_an_order_by_hand_that_waits_for_weeks_is_seen(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    fake.now -= timedelta(days=30)
    given = {"client_order_id": "hand", "symbol": "IBM", "qty": "5", "side": "sell"}
    fake.orders.append(fake._new(given | {"type": "stop", "time_in_force": "gtc"}))
    fake.now += timedelta(days=30)
    buy(market, "IBM")

    one_pass()

    assert market.orders()[0][4] == "opposite order live: sell IBM, not the desk's"


def test_what_is_on_sale_by_hand_is_not_sold_twice(
    market: Market, settings: Settings, fake: FakeAlpaca
) -> None:
    buy(market, "IBM")
    execute(settings, market.database, evening(MON))
    fake.fill("IBM", "95")
    given = {"client_order_id": "hand", "symbol": "IBM", "qty": "5", "side": "sell"}
    fake.orders.append(fake._new(given | {"type": "limit", "time_in_force": "gtc"}))
    market.signal("IBM", TUE, "sell", 100)
    publish(market.database, evening(TUE))

    execute(settings, market.database, evening(TUE))

    assert fake.posts[-1]["side"] == "sell"
    assert Decimal(fake.posts[-1]["qty"]) == 90


def test_a_symbol_that_can_not_be_looked_up_holds_up_no_other(
    market: Market,
    settings: Settings,
    fake: FakeAlpaca,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = FakeAlpaca._asset

    def unclear(self: FakeAlpaca, symbol: str) -> tuple[int, dict[str, Any]]:
        if symbol == "IBM":
            return 422, {"code": 42210000, "message": "invalid symbol"}
        return answered(self, symbol)

    monkeypatch.setattr(FakeAlpaca, "_asset", unclear)
    buy(market, "AAPL", "IBM", "MSFT")

    report = execute(settings, market.database, evening(MON))

    assert [order["symbol"] for order in fake.posts] == ["AAPL", "MSFT"]
    assert [deferral.reason for deferral in report.deferrals] == [
        "asset: invalid symbol"
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "half \ud83d"},
        {"client_order_id": "half \ud83d"},
        {"filled_avg_price": "1e200000", "filled_qty": "1"},
        {"qty": "1e-200000"},
        {"filled_qty": "1e300"},
    ],
)
def test_odd_words_and_numbers_end_no_pass(
    market: Market, one_pass: Pass, fake: FakeAlpaca, odd: dict[str, str]
) -> None:
    given = {"client_order_id": "hand", "symbol": "MSFT", "qty": "1", "side": "buy"}
    fake.orders.append(fake._new(given | {"type": "limit", "time_in_force": "gtc"}))
    buy(market, "IBM")
    one_pass()
    for order in fake.orders:
        order.update(odd)

    one_pass(minutes=1)

    assert [order[0] for order in market.orders()] == ["IBM"]


@pytest.mark.parametrize("told", [{"equity": "1e40"}, {"cash": "1e200000"}])
def test_an_account_of_absurd_size_is_unclear(
    one_pass: Pass, fake: FakeAlpaca, told: dict[str, str]
) -> None:
    fake.account |= told

    with pytest.raises(BrokerUnclearError, match="no cash or no equity"):
        one_pass()


def test_an_account_number_with_half_a_character_can_be_kept(
    market: Market, one_pass: Pass, fake: FakeAlpaca
) -> None:
    fake.account["account_number"] = "PA\ud83d"
    buy(market, "IBM")

    one_pass()

    assert market.rows("select account_id from trading.orders") == [("alpaca:PA?",)]


def test_two_positions_in_one_symbol_are_unclear(
    one_pass: Pass, fake: FakeAlpaca
) -> None:
    fake.hold("IBM", 1)
    fake.positions["again"] = dict(fake.positions["IBM"])

    with pytest.raises(BrokerUnclearError, match="two positions"):
        one_pass()


@pytest.mark.parametrize(
    ("told", "row"),
    [
        ({"filled_qty": "96", "status": "filled"}, [("filled", 95, 95)]),
        ({"qty": "-95"}, [("blocked", 0, 0)]),
    ],
)
def test_an_odd_order_of_a_lost_ledger_is_taken_over_as_far_as_it_can_be(
    market: Market,
    one_pass: Pass,
    fake: FakeAlpaca,
    told: dict[str, str],
    row: list[object],
) -> None:
    buy(market, "IBM")
    given = {
        "client_order_id": client_order_id("sma_cross|IBM|2013-02-04"),
        "symbol": "IBM",
        "qty": "95",
        "side": "buy",
    }
    order = fake._new(given | {"type": "market", "time_in_force": "day"})
    fake.orders.append(order | told)
    one_pass()
    resume(market.database, evening(MON))

    one_pass()

    assert market.rows("select state, qty, filled_qty from trading.orders") == row
