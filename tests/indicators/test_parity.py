"""Every indicator against its oracle, on every bar of real and made-up series."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby

import numpy as np
import pytest

from tests.indicators.case import CASES, LIMIT, Bars, Case
from tests.indicators.foreign import PACKAGE, ForeignProject, values_of

CONFORMANCE = PACKAGE / "CONFORMANCE.md"
INTRODUCTION = f"""\
# Conformance

Written by the tests (`make readme`), which compare every column with its oracle on
every bar of

* {{real}}
* {{made_up}}

NULLs stand exactly where the oracle has no value. The error is relative to the value,
or near zero to what the value is a difference or a share of; the limit is {LIMIT:.0e}.
"Bars" counts those with a value.

Sums over a window are kept up from bar to bar, and so is the rounding of the largest
value so far. Once the volume has fallen from 1e9 to 100, `mfi`, `vwap` and
`chaikin_money_flow` are off by up to 1e-8 of their value; from 1e8, by 1e-9.

A "Python loop" follows the formula in the macro's comment window by window, with
numpy, where TA-Lib has no such indicator. TA-Lib is its release 0.8.
"""
HEADER = """
## {family}

| column | macro | convention | oracle | bars | largest error | elsewhere |
|---|---|---|---|---:|---:|---|
"""
# Indicators that are a share of something, without a tolerance for rounding.
RANGES = (
    ("rsi_14", 0, 100),
    ("cmo_14", -100, 100),
    ("mfi_14", 0, 100),
    ("stochastic_fast_k_14", 0, 100),
    ("stochastic_rsi_14", 0, 100),
    ("williams_r_14", -100, 0),
    ("ultimate_oscillator", 0, 100),
    ("chaikin_money_flow_20", -1, 1),
    ("tsi_25_13", -100, 100),
    ("plus_di_14", 0, 100),
    ("minus_di_14", 0, 100),
    ("dx_14", 0, 100),
    ("adx_14", 0, 100),
    ("correlation_60", -1, 1),
    ("aroon_up_14", 0, 100),
)
ERROR = re.compile(r"(?<= \| )[\d.e-]+(?= \| [^|]*\|$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A case on all series: where NULLs differ, bars with a value, largest error."""

    null_differs: list[str]
    bars: int
    error: float


Compare = Callable[[str], Comparison]


@pytest.fixture(scope="module")
def compare(foreign: ForeignProject, series: dict[str, Bars]) -> Iterator[Compare]:
    """A function that compares a case, once."""
    with foreign.database.connect() as conn:

        @cache
        def compare_case(name: str) -> Comparison:
            case, null_differs, count, errors = CASES[name], [], 0, [0.0]
            actual = values_of(conn, case)
            for symbol, bars in series.items():
                expected = case.oracle(bars)
                if not (np.isnan(actual[symbol]) == np.isnan(expected)).all():
                    null_differs.append(symbol)
                count += int(np.count_nonzero(~np.isnan(expected)))
                error = case.error(actual[symbol], expected, bars)
                errors.append(float(np.nanmax(error, initial=0)))
            return Comparison(null_differs, count, max(errors))

        yield compare_case


@pytest.mark.parametrize("name", CASES)
def test_an_indicator_equals_its_oracle_on_every_bar(
    name: str, compare: Compare
) -> None:
    compared = compare(name)
    assert compared.null_differs == []
    assert compared.error <= LIMIT
    assert compared.bars > 0


@pytest.mark.parametrize(("name", "lowest", "highest"), RANGES)
def test_an_index_stays_within_its_range(
    name: str, lowest: float, highest: float, foreign: ForeignProject
) -> None:
    with foreign.database.connect() as conn:
        values = np.concatenate(list(values_of(conn, CASES[name]).values()))
    assert np.nanmin(values) >= lowest
    assert np.nanmax(values) <= highest


def row(case: Case, compared: Comparison) -> str:
    cells = (
        f"`{case.name}`",
        f"`{case.call.removeprefix('indicators.')}`",
        case.convention,
        case.oracle_name,
        f"{compared.bars:,}",
        f"{compared.error:.0e}" if compared.error else "0",
        case.elsewhere,
    )
    return f"| {' | '.join(cells)} |\n".replace("|  |", "| |")


def test_the_conformance_table_says_what_was_seen(
    compare: Compare, series: dict[str, Bars], request: pytest.FixtureRequest
) -> None:
    real = [symbol for symbol in series if symbol.isupper()]
    made_up = [symbol.replace("_", " ") for symbol in series if symbol.islower()]
    text = INTRODUCTION.format(
        real=f"{len(real)} sample symbols ({', '.join(real)})",
        made_up=f"{len(made_up)} made-up series ({', '.join(made_up)})",
    )
    for family, cases in groupby(CASES.values(), lambda case: case.family):
        text += HEADER.format(family=family.title())
        text += "".join(row(case, compare(case.name)) for case in cases)

    if request.config.getoption("--write-readme"):
        CONFORMANCE.write_text(text)
    written = CONFORMANCE.read_text()
    assert ERROR.sub("", written) == ERROR.sub("", text)
    assert all(float(error) <= LIMIT for error in ERROR.findall(written))
    assert len(ERROR.findall(written)) == len(CASES)
