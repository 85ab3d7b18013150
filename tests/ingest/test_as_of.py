"""What was known at any moment can be told, whatever came since."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from desk.calendar import evening_of
from desk.database import Database
from desk.settings import Settings
from ingest.load import load
from ingest.sources import Action, Bar, Batch
from tests.ingest.conftest import MONDAY, TUESDAY, WEDNESDAY, GivenSource, a_bar
from tests.ingest.test_load_anyhow import empty

Key = tuple[Any, ...]
Model = dict[Key, float]

# One version of the world: what a load gives on an evening.
bars = st.dictionaries(
    st.tuples(st.sampled_from(["AAPL", "MSFT"]), st.sampled_from([MONDAY, TUESDAY])),
    st.sampled_from([10.25, 10.5, 10.75]),
)
actions = st.dictionaries(
    st.tuples(
        st.sampled_from(["AAPL", "MSFT"]),
        st.just(TUESDAY),
        st.sampled_from(["split", "dividend"]),
    ),
    st.sampled_from([0.5, 2.0]),
)
# Evenings in any order: a clock may be set back.
histories = st.lists(
    st.tuples(st.integers(0, 4), bars, actions), min_size=1, max_size=6
)


def evening(days: int) -> date:
    return WEDNESDAY + timedelta(days=days)


def known(database: Database, function: str, columns: str, at: date) -> Model:
    with database.connect("reader") as conn:
        rows = conn.execute(
            f"select {columns} from raw.{function}(%s)".encode(), [evening_of(at).now]
        ).fetchall()
    found = {row[:-1]: row[-1] for row in rows}
    assert len(found) == len(rows), "a key is there twice"
    return found


class Remembered:
    """The model: what each evening knew. An evening that is over is not rewritten:
    a load whose clock is behind what is stored counts from the stored moment on."""

    def __init__(self) -> None:
        self._versions: dict[Key, list[tuple[int, float]]] = {}

    def hear(self, day: int, rows: Model) -> None:
        for key, value in rows.items():
            versions = self._versions.setdefault(key, [])
            if not versions:
                versions.append((day, value))
            elif versions[-1][1] != value:
                versions.append((max(day, versions[-1][0]), value))

    def at(self, day: int) -> Model:
        return {
            key: heard[-1]
            for key, versions in self._versions.items()
            if (heard := [value for since, value in versions if since <= day])
        }


@given(histories)
def test_any_moment_of_any_history_is_as_it_was_known_then(
    database: Database, history: Sequence[tuple[int, Model, Model]]
) -> None:
    empty(database)
    prices, events = Remembered(), Remembered()
    for evenings, closes, values in history:
        batch = Batch(
            symbols=("AAPL", "MSFT"),
            bars=[a_bar(s, day, close=close) for (s, day), close in closes.items()],
            actions=[Action(s, day, k, value) for (s, day, k), value in values.items()],
        )
        clock = evening_of(evening(evenings))
        load(Settings(), database, clock, source=GivenSource([batch]))
        prices.hear(evenings, closes)
        events.hear(evenings, values)
    for day in range(-1, 6):
        at = evening(day)
        columns = "symbol, bar_date, close"
        assert known(database, "prices_as_of", columns, at) == prices.at(day)
        columns = "symbol, ex_date, kind, value"
        assert known(database, "corporate_actions_as_of", columns, at) == events.at(day)


def test_a_look_back_at_one_symbol_reads_only_that_symbol(database: Database) -> None:
    with database.connect("reader") as conn:
        conn.execute("set enable_seqscan = off")
        plan = conn.execute(
            "explain select * from raw.prices_as_of(now()) where symbol = 'AAPL'"
        ).fetchall()
    conditions = [line for (line,) in plan if "Index Cond" in line]
    assert len(conditions) == 2
    assert all("symbol = 'AAPL'" in condition for condition in conditions)


def test_bars_are_given_with_every_column(database: Database) -> None:
    load(
        Settings(),
        database,
        evening_of(WEDNESDAY),
        source=GivenSource([Batch(symbols=("AAPL",), bars=[a_bar()])]),
    )
    with database.connect("reader") as conn:
        now = conn.execute("select * from raw.prices_as_of('infinity')").fetchall()
        stored = conn.execute("select * from raw.raw_prices").fetchall()
    assert now == stored
    assert len(now) == 1
    assert Bar(*now[0][:7]) == a_bar()
