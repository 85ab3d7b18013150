"""Every moment of death times every lie of the broker, with real processes."""

import re
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest

from desk.database import Database
from desk.settings import PROJECT, Settings
from executor.publish import publish
from tests.conftest import CopyDatabase
from tests.crashes import SavedTables
from tests.executor.deaths import MOMENTS, one_pass, pass_that_dies
from tests.executor.fake_alpaca import FAULTS, Json, alpaca_settings, running_fake
from tests.executor.market import MON, Market, evening

PAGE = PROJECT / "executor" / "README.md"
TABLE = re.compile(r"(?<=<!-- crash matrix -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)
CLOCK = evening(MON)
WORKERS = 4
OPEN = "select count(*) from trading.orders where state = 'open'"
SENT = "select client_order_id, attempts from trading.orders"


@pytest.fixture
def published(market: Market) -> Database:
    """Two entries, published and undecided."""
    for symbol in ("AAPL", "IBM"):
        market.flat_bars(symbol, 100)
        market.signal(symbol, MON, "buy", 100)
    publish(market.database, CLOCK)
    return market.database


def trouble_after(
    fault: str, moment: str, market: Market, settings: Settings
) -> list[str]:
    """What is wrong at the end when a pass dies and the broker lies; all well: []."""
    wrong: list[str] = []
    with running_fake() as fake:
        settings = alpaca_settings(settings, fake)
        fake.fail(fault)

        def is_committed(stage: str, order: Json) -> None:
            name = order["client_order_id"]
            (attempts,) = (n for sent, n in market.rows(SENT) if sent == name)
            posts = [post["client_order_id"] for post in fake.posts].count(name)
            if stage == "before booking" and attempts < posts:
                wrong.append("sent before the attempt was committed")

        fake.on_post = is_committed
        died = pass_that_dies(moment, fake, market.database, settings, CLOCK)
        if died != (moment != "never"):
            wrong.append(f"died: {died}")
        if market.rows(
            "select from trading.orders where attempts > 0 and broker_order_id is null"
            " and (state <> 'submitting' or qty * price < 9_000)"
        ):
            wrong.append("an unclear order's cash is not reserved")
        for _ in range(12):
            one_pass(market.database, settings, CLOCK)
            if market.rows(OPEN) == [(2,)]:
                break
        booked = [(o["client_order_id"], o["id"], "open") for o in fake.orders]
        ledger = market.rows(
            "select client_order_id, broker_order_id, state from trading.orders"
        )
        if sorted(fake.booked()) != [("AAPL", "95"), ("IBM", "95")]:
            wrong.append(f"booked {fake.booked()}")
        if sorted(ledger) != sorted(booked):
            wrong.append(f"the ledger says {ledger}, the broker {booked}")
    return wrong


@pytest.mark.slow
def test_whenever_it_dies_and_whatever_the_broker_says_each_signal_is_booked_once(
    published: Database,
    copies: CopyDatabase,
    settings: Settings,
    request: pytest.FixtureRequest,
) -> None:
    cells = [(fault, moment) for fault in FAULTS for moment in MOMENTS]
    free: Queue[tuple[Market, SavedTables]] = Queue()
    for _ in range(WORKERS):
        database = copies(published)
        free.put((Market(database), SavedTables(database, "trading")))

    def trouble_in(cell: tuple[str, str]) -> list[str]:
        market, ledger = free.get()
        try:
            ledger.restore()
            return trouble_after(*cell, market, settings)
        finally:
            free.put((market, ledger))

    with ThreadPoolExecutor(WORKERS) as pool:
        results = dict(zip(cells, pool.map(trouble_in, cells), strict=True))

    assert {at: wrong for at, wrong in results.items() if wrong} == {}
    printed = matrix({at: not wrong for at, wrong in results.items()})
    if request.config.getoption("--write-readme"):
        before, _, after = TABLE.split(PAGE.read_text())
        PAGE.write_text(before + printed + after)
    assert TABLE.split(PAGE.read_text())[1] == printed


def matrix(once: dict[tuple[str, str], bool]) -> str:
    """A Markdown table: answers down, moments of death across."""
    lines = [
        "| the broker | " + " | ".join(MOMENTS) + " |",
        "|---|" + "---|" * len(MOMENTS),
    ]
    for fault in FAULTS:
        told = ["once" if once[fault, moment] else "NO" for moment in MOMENTS]
        lines.append(f"| {fault.replace('none', 'answers')} | {' | '.join(told)} |")
    return "\n".join(lines) + "\n"
