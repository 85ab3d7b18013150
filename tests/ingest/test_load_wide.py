"""Several processes share a load: nothing is asked for twice, nothing is lost."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID, uuid4

import pytest
from pyrate_limiter import Rate

from desk.database import Database
from desk.errors import DeskError, SettingError
from desk.locks import LOAD_LOCK
from ingest.parts import Workers
from ingest.sources import Batch
from ingest.together import help_with_load
from tests.conftest import CopyDatabase
from tests.crashes import CONTEXT
from tests.ingest.conftest import (
    ACTIONS,
    PRICES,
    TUESDAY,
    LoadGiven,
    a_bar,
    rows_of,
)
from tests.ingest.test_load_killed import Vendor
from tests.ingest.wide import (
    ANY_RATE,
    SYMBOLS,
    Yahoo,
    answering,
    begin,
    begin_and_tell,
    help_and_tell,
    settings,
)
from tests.processes import within

COUNTS = """
select outcome, rows_received, rows_new, rows_same, actions_new, failed_symbols
from raw.ingest_runs order by started_at desc limit 1
"""
LOADED = "select symbol from raw.loaded_symbols order by 1"
LEFT = "select symbol from raw.load_windows"
PARTS = """
select string_agg(symbol, ' ' order by symbol) from raw.load_windows
group by part order by part
"""
TABLES = (PRICES, ACTIONS, COUNTS)

Start = Callable[..., BaseProcess]


@pytest.fixture(autouse=True)
def _a_chunk_per_symbol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.chunks.CHUNK_BARS", 1)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts processes; none outlives the test."""
    with ExitStack() as started:

        def start(target: Callable[..., None], *arguments: object) -> BaseProcess:
            process = CONTEXT.Process(target=target, args=arguments)
            process.start()
            started.callback(end, process)
            return process

        yield start


@pytest.fixture(scope="module")
def alone(migrated: Database, templates: CopyDatabase) -> list[list[Any]]:
    """The tables after one process has loaded all by itself."""
    database = templates(migrated)
    with answering(Yahoo()) as yahoo:
        begin(database, yahoo.url, "alone", None)
    return tables(database)


def end(process: BaseProcess) -> None:
    if process.is_alive():
        process.kill()
        process.join()


def tables(database: Database) -> list[list[Any]]:
    return [rows_of(database, query) for query in TABLES]


def helpers(
    start: Start,
    database: Database,
    yahoo: Yahoo,
    *names: str,
    rate: Rate = ANY_RATE,
    said: Any = None,
) -> Callable[[UUID], Any]:
    """Workers of these names, who come when they are called and are waited for."""
    said = said or CONTEXT.SimpleQueue()

    @contextmanager
    def called(run_id: UUID) -> Iterator[None]:
        came = [
            start(
                help_and_tell,
                *(database.parameters, yahoo.url, name, run_id),
                *((rate.limit, rate.interval), said),
            )
            for name in names
        ]
        yield
        for process in came:
            process.join(20)

    return called


def test_each_symbol_is_asked_for_once_and_all_processes_take_part(
    database: Database, start: Start, alone: list[list[Any]]
) -> None:
    yahoo = Yahoo()
    names = {"first", "second", "third"}

    def all_have_come() -> bool:
        return yahoo.askers() == names

    yahoo.holds_back = lambda *_: not within(20, all_have_come)
    with answering(yahoo):
        called = helpers(start, database, yahoo, "second", "third")
        begin(database, yahoo.url, "first", Workers(3, called))

    assert sorted(yahoo.symbols()) == list(SYMBOLS)
    assert yahoo.askers() == names
    assert tables(database) == alone
    assert rows_of(database, LEFT) == []


@pytest.mark.slow
def test_all_processes_together_keep_one_rate_limit(
    database: Database, start: Start
) -> None:
    rate = Rate(10, 2_000)
    symbols = tuple(f"S{number:02}" for number in range(34))
    with answering(Yahoo()) as yahoo:
        called = helpers(start, database, yahoo, "second", "third", rate=rate)
        workers = Workers(3, called)
        begin(database, yahoo.url, "first", workers, rate=rate, symbols=symbols)

    moments = sorted(moment for moment, *_ in yahoo.asked)
    assert len(moments) == len(symbols)
    # From a grant to the server's note of the request some time passes.
    gaps = [later - moment for moment, later in zip(moments, moments[10:])]  # noqa: B905
    assert min(gaps) > 1.5
    assert yahoo.askers() == {"first", "second", "third"}


def test_a_killed_worker_loses_nothing_and_what_it_merged_is_not_asked_again(
    database: Database, start: Start, alone: list[list[Any]]
) -> None:
    yahoo = Yahoo()

    def is_held_back(who: str, _symbol: str) -> bool:
        return who == "first" or len(yahoo.symbols("victim")) > 2

    yahoo.holds_back = is_held_back
    merged: list[str] = []

    @contextmanager
    def killed(run_id: UUID) -> Iterator[None]:
        rate = (ANY_RATE.limit, ANY_RATE.interval)
        said = CONTEXT.SimpleQueue()
        arguments = (database.parameters, yahoo.url, "victim", run_id, rate, said)
        victim = start(help_and_tell, *arguments)
        assert within(20, lambda: len(yahoo.symbols("victim")) > 2)
        assert within(20, lambda: len(rows_of(database, LOADED)) == 2)
        victim.kill()
        victim.join()
        assert victim.exitcode == -signal.SIGKILL
        merged.extend(symbol for (symbol,) in rows_of(database, LOADED))
        yahoo.opened.set()
        yield

    with answering(yahoo):
        begin(database, yahoo.url, "first", Workers(2, killed))

    times = Counter(yahoo.symbols())
    assert len(merged) == 2
    assert {times[symbol] for symbol in merged} == {1}
    # The one that the victim was waiting for.
    assert sorted(times.values()) == [1] * (len(SYMBOLS) - 1) + [2]
    assert tables(database) == alone


def test_workers_stop_when_the_first_process_is_killed_and_the_next_load_goes_on(
    database: Database, start: Start, alone: list[list[Any]]
) -> None:
    yahoo = Yahoo()
    yahoo.holds_back = lambda who, _: len(yahoo.symbols(who)) > 2
    begun, said = CONTEXT.SimpleQueue(), CONTEXT.SimpleQueue()
    with answering(yahoo):
        first = start(begin_and_tell, database.parameters, yahoo.url, "first", begun)
        come = helpers(start, database, yahoo, "second", "third", said=said)
        with come(begun.get()):
            assert within(20, lambda: len(yahoo.asked) == 9)
            assert within(20, lambda: len(rows_of(database, LOADED)) == 6)
            first.kill()
            first.join()
            assert within(20, lambda: is_free(database, LOAD_LOCK))
            asked_before = len(yahoo.asked)
            yahoo.opened.set()

        # Each had at most what it was waiting for, and the next ones in flight.
        assert len(yahoo.asked) - asked_before <= 2 * 2
        for _ in range(2):
            assert said.get() == "2 symbols, 12 bars; the load has ended meanwhile"
        merged = [symbol for (symbol,) in rows_of(database, LOADED)]
        yahoo.asked.clear()
        begin(database, yahoo.url, "next", None)

    assert 6 <= len(merged) < len(SYMBOLS)
    assert sorted(yahoo.symbols()) == sorted(set(SYMBOLS) - set(merged))
    assert tables(database)[:2] == alone[:2]
    assert rows_of(database, LEFT) == []


def is_free(database: Database, lock: int) -> bool:
    with database.connect(autocommit=True) as conn:
        tried: Any = conn.execute("select pg_try_advisory_xact_lock(%s)", [lock])
        return bool(tried.fetchone()[0])


def test_windows_that_begin_on_the_same_day_are_in_one_part(
    database: Database, load_given: LoadGiven
) -> None:
    symbols = SYMBOLS[:8]
    given = [Batch((symbol,), [a_bar(symbol)]) for symbol in symbols]
    load_given(Vendor(given[1::2], symbols[1::2], is_local=False), TUESDAY)
    parts: list[tuple[str]] = []

    @contextmanager
    def called(_: UUID) -> Iterator[None]:
        parts.extend(rows_of(database, PARTS))
        yield

    shared = Vendor(given, symbols, is_local=False)
    load_given(shared, workers=Workers(1, called))

    assert parts == [("S00 S02",), ("S04 S06",), ("S01 S03",), ("S05 S07",)]


def test_a_vendor_down_for_every_process_fails_the_load_and_the_workers_hear_of_it(
    database: Database, load_given: LoadGiven
) -> None:
    reasons = {"AAPL": "no answer", "MSFT": "no answer"}
    batches = [Batch((s,), failures={s: why}) for s, why in reasons.items()]
    source = Vendor(batches, is_local=False)
    run_ids: list[UUID] = []

    @contextmanager
    def called(run_id: UUID) -> Iterator[None]:
        run_ids.append(run_id)
        yield

    with pytest.raises(DeskError, match="given gave nothing for AAPL: no answer"):
        load_given(source, workers=Workers(2, called))

    ((outcome, failed),) = rows_of(
        database, "select outcome, failed_symbols from raw.ingest_runs"
    )
    assert (outcome, failed) == ("failed", reasons)
    assert help_with_load(settings(), database, run_ids[0]) == "nothing left to do"


def test_who_comes_too_late_or_asks_another_vendor_does_nothing(
    database: Database,
) -> None:
    assert help_with_load(settings(), database, uuid4()) == "nothing left to do"

    @contextmanager
    def refused(run_id: UUID) -> Iterator[None]:
        other = settings().model_copy(update={"price_source": "alpaca"})
        with pytest.raises(SettingError, match="DESK_PRICE_SOURCE=alpaca: the load to"):
            help_with_load(other, database, run_id)
        yield

    with answering(Yahoo()) as yahoo:
        begin(database, yahoo.url, "first", Workers(2, refused))
