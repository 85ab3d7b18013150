"""The shipped sample: real bars as traded, and the actions behind them."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from desk.calendar import SAMPLE_LAST_SESSION, sessions_between
from desk.errors import SettingError
from ingest.sources import Action, Batch, Window, rows_of
from ingest.sources.sample import SampleSource, actions_of, read_sample

FIRST = date(2000, 3, 1)


def fetch(symbol: str, start: date = FIRST, end: date = SAMPLE_LAST_SESSION) -> Batch:
    (batch,) = SampleSource().fetch([Window(symbol, start, end)])
    return batch


def actions(symbol: str, kind: str) -> dict[str, float]:
    return {
        str(action.ex_date): float(str(action.value))
        for action in fetch(symbol).actions
        if action.kind == kind
    }


def test_every_bar_of_every_symbol_is_there() -> None:
    bars = {symbol: len(fetch(symbol).bars) for symbol in SampleSource().universe(())}
    assert bars == {"AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270}


def test_no_session_is_missing() -> None:
    sessions = [s.session_date for s in sessions_between(FIRST, SAMPLE_LAST_SESSION)]
    assert [bar.bar_date for bar in rows_of(fetch("IBM"))] == list(map(str, sessions))


def test_splits_are_those_of_history() -> None:
    assert actions("AAPL", "split") == {"2000-06-21": 2, "2005-02-28": 2}
    assert actions("MSFT", "split") == {"2003-02-18": 2}
    for symbol in ("FB", "GOOG", "IBM"):
        assert actions(symbol, "split") == {}


def test_dividends_are_those_of_history_to_the_cent() -> None:
    assert actions("AAPL", "dividend") == {
        "2012-08-09": 2.65,
        "2012-11-07": 2.65,
        "2013-02-07": 2.65,
    }
    microsoft = actions("MSFT", "dividend")
    assert len(microsoft) == 37
    assert microsoft["2003-02-19"] == 0.08
    assert microsoft["2004-11-15"] == 3.08  # the special one of $3.00, and 0.08
    ibm = Counter(actions("IBM", "dividend").values())
    assert ibm == {
        0.13: 4, 0.14: 4, 0.15: 4, 0.16: 4, 0.18: 4, 0.20: 4, 0.30: 4,
        0.40: 4, 0.50: 4, 0.55: 4, 0.65: 4, 0.75: 4, 0.85: 4,
    }  # fmt: skip


@pytest.mark.parametrize("symbol", ["AAPL", "FB", "GOOG", "IBM", "MSFT"])
def test_returns_with_actions_undone_are_those_of_the_adjusted_close(
    symbol: str,
) -> None:
    splits, dividends = actions(symbol, "split"), actions(symbol, "dividend")
    for before, bar in pairwise(read_sample()[symbol]):
        day, previous = bar.bar_date, float(before.close)
        paid = dividends.get(day, 0.0)
        undone = (float(bar.close) + paid) * splits.get(day, 1.0) / previous
        adjusted = float(bar.adjusted_close) / float(before.adjusted_close)
        assert undone == pytest.approx(adjusted, rel=1e-12, abs=1e-12), day


def test_nothing_after_the_window_exists_and_nothing_in_it_depends_on_it() -> None:
    full = fetch("AAPL")
    for end in (date(2005, 2, 25), date(2005, 2, 28), date(2012, 11, 6)):
        cut = fetch("AAPL", end=end)
        assert list(rows_of(cut)) == [
            bar for bar in rows_of(full) if str(bar.bar_date) <= str(end)
        ]
        assert list(cut.actions) == [
            action for action in full.actions if str(action.ex_date) <= str(end)
        ]


def test_actions_do_not_depend_on_later_bars() -> None:
    bars = read_sample()["AAPL"]
    known = [bar for bar in bars if bar.bar_date <= "2005-02-28"]
    assert list(actions_of(known)) == [
        Action("AAPL", "2000-06-21", "split", 2),
        Action("AAPL", "2005-02-28", "split", 2),
    ]


def test_symbols_may_be_written_small_and_twice() -> None:
    assert SampleSource().universe(("msft", "AAPL", "MSFT")) == ("MSFT", "AAPL")


def test_a_symbol_the_sample_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(SettingError) as refused:
        SampleSource().universe(("AAPL", "TSLA"))
    assert str(refused.value) == (
        "DESK_SYMBOLS=AAPL,TSLA: the sample has no TSLA; "
        "it has AAPL, FB, GOOG, IBM, MSFT"
    )
