"""The executor as people run it: real processes against the fake broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from desk.database import Database
from executor.publish import publish
from tests.conftest import url_of
from tests.executor.fake_alpaca import (
    KEY,
    SECRET,
    FakeAlpaca,
    Json,
    running_fake,
)
from tests.executor.market import MON, TUE, Market, evening
from tests.processes import free_port, within

DESK = Path(sys.executable).with_name("desk")
WRONG = {"APCA_API_SECRET_KEY": "wrong" + SECRET}


@pytest.fixture
def fake() -> Iterator[FakeAlpaca]:
    with running_fake() as fake:
        yield fake


@pytest.fixture
def market(market: Market) -> Market:
    """An entry for AAPL and one for IBM, published and undecided."""
    for symbol in ("AAPL", "IBM"):
        market.flat_bars(symbol, 100)
        market.signal(symbol, MON, "buy", 100)
    publish(market.database, evening(MON))
    return market


@pytest.fixture
def variables(market: Market, fake: FakeAlpaca, tmp_path: Path) -> Mapping[str, str]:
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith("DESK_")},
        "DESK_HOME": str(tmp_path / "home"),
        "DESK_DATABASE_URL": url_of(market.database),
        "DESK_AS_OF": str(MON),
        "DESK_POSITION_WEIGHT": "0.1",
        "DESK_BROKER": "alpaca",
        "DESK_ALPACA_URL": fake.url,
        "DESK_BROKER_TIMEOUT_SECONDS": "3",
        "APCA_API_KEY_ID": KEY,
        "APCA_API_SECRET_KEY": SECRET,
        "DESK_LOG_LEVEL": "debug",
        "DESK_API_PORT": str(free_port()),
        "DESK_PREFECT_PORT": str(free_port()),
        "DESK_LOG_FORMAT": "json",
    }


def desk(variables: Mapping[str, str], *arguments: str, **more: str) -> Any:
    return subprocess.run(
        [DESK, *arguments], capture_output=True, text=True, env={**variables, **more}
    )


def forget_the_ledger(market: Market) -> None:
    """As when the database is restored from before the orders."""
    with market.database.connect() as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("truncate trading.orders, trading.order_events")


def test_a_pass_prints_what_it_did_and_logs_it_as_json(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    done = desk(variables, "execute")

    assert done.returncode == 0, done.stderr
    assert "2 orders placed, 0 blocked" in done.stdout
    assert "sma_cross|IBM|2013-02-04" in done.stdout
    assert '"event": "pass_ended"' in done.stderr
    assert '"placed": 2' in done.stderr
    assert [symbol for symbol, _ in fake.booked()] == ["AAPL", "IBM"]


def test_nothing_is_sent_while_halted_and_exits_pass_a_halt_of_entries(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    halted = desk(variables, "halt", "--entries", "--reason", "holiday")
    first = desk(variables, "execute")
    worse = desk(variables, "halt", "--reason", "fire")
    kept = desk(variables, "halt", "entries", "--reason", "less")
    examined = desk(variables, "doctor")
    resumed = desk(variables, "resume")
    second = desk(variables, "execute")

    assert halted.stdout == "halted (entries): holiday\n"
    assert "2 deferred (kill switch (entries): holiday)" in first.stdout
    assert worse.stdout == kept.stdout == "halted (all): fire\n"
    assert examined.returncode == 1
    assert "all: fire" in examined.stdout
    assert resumed.stdout == "resumed; was halted: fire\n"
    assert "2 orders placed" in second.stdout


def test_a_halt_stops_a_running_pass_before_its_next_order(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    def halt_at_the_first(stage: str, order: Json) -> None:
        if len(fake.posts) == 1 and stage == "before booking":
            market.run("update trading.control set kill = 'all', reason = 'fire'")

    fake.on_post = halt_at_the_first

    done = desk(variables, "execute")

    assert done.returncode == 0, done.stderr
    assert fake.booked() == [("AAPL", "95")]
    assert [order[3] for order in market.orders()] == ["open", "submitting"]


def test_a_database_lost_in_the_middle_of_a_post_is_an_error_and_adopted_later(
    market: Market,
    fake: FakeAlpaca,
    variables: Mapping[str, str],
    server: Database,
) -> None:
    def lose_it(stage: str, order: Json) -> None:
        if stage == "after booking" and len(fake.posts) == 1:
            with server.connect(autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                    " where datname = %s",
                    [market.database.parameters["dbname"]],
                )

    fake.on_post = lose_it

    lost = desk(variables, "execute")
    between = market.rows("select state, attempts from trading.orders order by id")
    found = desk(variables, "execute")

    assert lost.returncode == 1
    assert lost.stderr.splitlines()[-1].startswith("desk: the database went away")
    assert between == [("submitting", 1), ("submitting", 0)]
    assert found.returncode == 0, found.stderr
    assert fake.booked() == [("AAPL", "95"), ("IBM", "95")]
    assert len(fake.posts) == 2
    assert [order[3] for order in market.orders()] == ["open", "open"]


def test_a_lost_ledger_stops_the_desk_until_a_person_gives_it_its_orders_back(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    desk(variables, "execute")
    fake.fill("AAPL", "95")
    forget_the_ledger(market)
    posted = len(fake.posts)

    lost = desk(variables, "execute")
    examined = desk(variables, "doctor")
    resumed = desk(variables, "resume", DESK_AS_OF=str(TUE))
    found = desk(variables, "execute")

    assert "halted (all): alpaca:PA3TEST has order desk-" in lost.stdout
    assert "which the ledger doesn't know" in lost.stdout
    assert examined.returncode == 1
    assert "doesn't know the broker's desk-" in examined.stdout
    assert "doesn't know" in resumed.stdout
    assert "0 orders placed" in found.stdout
    assert len(fake.posts) == posted
    assert market.rows(
        "select symbol, qty, state, filled_qty from trading.orders order by symbol"
    ) == [("AAPL", 95, "filled", 95), ("IBM", 95, "open", 0)]


@pytest.mark.slow
def test_orders_of_ours_that_no_signal_explains_are_left_alone_after_resume(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    given = {"client_order_id": "desk-nobody", "symbol": "IBM", "qty": "1"}
    more = {"side": "buy", "type": "market", "time_in_force": "day"}
    fake.orders.append(fake._new(given | more))
    fake.change("IBM", status="canceled")

    desk(variables, "execute")
    desk(variables, "resume", DESK_AS_OF=str(TUE))
    found = desk(variables, "execute")

    assert "2 orders placed" in found.stdout
    assert market.rows("select count(*) from trading.orders") == [(2,)]


@pytest.mark.slow
def test_the_doctor_finds_a_healthy_desk_well_and_sends_nothing(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    well = desk(variables, "doctor")
    fake.account["trading_blocked"] = True
    ill = desk(variables, "doctor")
    wrong_key = desk(variables, "doctor", **WRONG)

    assert (well.returncode, ill.returncode, wrong_key.returncode) == (0, 1, 1)
    assert "alpaca:PA3TEST, 100,000.00 cash of 100,000.00" in well.stdout
    assert "but trading_blocked" in ill.stdout
    assert "Alpaca refuses the keys" in wrong_key.stdout
    assert fake.posts == []
    assert market.orders() == []


@pytest.mark.slow
def test_an_orders_story_goes_from_the_signal_to_the_fill(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str]
) -> None:
    fake.fail("504, booked")
    desk(variables, "execute")
    desk(variables, "execute")
    fake.fill("AAPL", "40")
    desk(variables, "execute", DESK_AS_OF=str(TUE))
    fake.fill("AAPL", "95", "100.25")
    desk(variables, "execute", DESK_AS_OF=str(TUE))

    told = desk(variables, "orders", "AAPL").stdout
    listed = desk(variables, "orders").stdout
    slippage = desk(variables, "slippage").stdout

    assert "sma_cross|AAPL|2013-02-04 on alpaca:PA3TEST" in told
    assert "✓ cash: 9,975.00 needed, 100,000.00 free" in told
    assert "the broker answered 504: request timed out" in told
    assert "partially_filled" in told
    assert "slippage 25.00 basis points" in told
    assert "sma_cross|IBM|2013-02-04" in listed
    assert "25.00" in slippage


@pytest.mark.slow
@pytest.mark.parametrize("name", ["timeout, booked", "booked, refused 403"])
def test_the_keys_are_nowhere_to_be_read(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str], name: str
) -> None:
    fake.fail(name)
    seen: list[str] = []

    def look(stage: str, order: Json) -> None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(entry.read_bytes().decode(errors="replace"))
            except OSError:  # it is gone
                continue

    fake.on_post = look
    done = desk(variables, "execute")
    wrong = desk(variables, "execute", **WRONG)
    names = market.rows("select tablename from pg_tables where schemaname = 'trading'")
    kept = [
        str(market.rows(f"select row.*::text from trading.{table} as row"))
        for (table,) in names
    ]

    assert any("execute" in command for command in seen)
    everywhere = "\n".join([*seen, *kept, done.stdout, done.stderr, wrong.stderr])
    assert "sma_cross|AAPL|2013-02-04" in everywhere
    assert SECRET not in everywhere
    assert KEY not in everywhere


def test_watching_acts_on_a_new_signal_and_on_the_brokers_hint_and_ends_when_asked(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [DESK, "execute", "--watch"],
            env={**variables, "DESK_AS_OF": str(TUE), "DESK_POLL_SECONDS": "600"},
            stdout=output,
            stderr=output,
        )
    try:
        assert within(30, lambda: len(market.orders()) == 2), log.read_text()
        assert within(30, lambda: "GET /stream" in fake.asked), log.read_text()
        market.signal("IBM", TUE, "buy", 100)
        publish(market.database, evening(TUE))
        assert within(30, lambda: len(fake.booked()) == 1), log.read_text()

        fake.fill("IBM", "95")
        fake.stream.put({"event": "fill"})
        filled = "select from trading.orders where state = 'filled'"
        assert within(30, lambda: len(market.rows(filled)) == 1), log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0, log.read_text()
    assert fake.booked() == [("IBM", "95")]


@pytest.mark.slow
def test_watching_outlives_a_broker_that_is_down_for_a_while(
    market: Market, fake: FakeAlpaca, variables: Mapping[str, str], tmp_path: Path
) -> None:
    fake.get_faults.extend([503] * 5)
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen(
            [DESK, "execute", "--watch"],
            env={**variables, "DESK_POLL_SECONDS": "0.2"},
            stdout=output,
            stderr=output,
        )
    try:
        assert within(30, lambda: len(fake.booked()) == 2)
    finally:
        process.terminate()
    assert process.wait(timeout=30) == 0
    assert "pass_failed" in (tmp_path / "log").read_text()
