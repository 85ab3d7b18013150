"""A bar with a NULL never gives a made-up value."""

from dataclasses import replace

import numpy as np
import psycopg
import pytest
from numpy.typing import NDArray

from tests.indicators.case import CASES, COLUMNS, Bars, Series
from tests.indicators.foreign import values_of
from tests.indicators.series import bars_around, insert, walk

LENGTH, AT = 700, 330
GIVEN = bars_around(walk(LENGTH, seed=9), seed=10)
BARS_LATER_ALL_IS_WELL = 300

# Of two parts: one passes the bar over, the other one counts it.
COMBINED = {
    "adxr_14",
    "chaikin_volatility_10",
    "force_index_13",
    "keltner_lower_20",
    "keltner_upper_20",
}

# Windows over several prices of each bar, with how many bars.
WINDOWS = {
    "stochastic_fast_k_14": 14,
    "williams_r_14": 14,
    "cci_20": 20,
    "donchian_middle_20": 20,
    "ichimoku_base": 26,
}


def with_null(columns: tuple[str, ...], *bars: int) -> Bars:
    """The given bars with NULLs in some of them."""
    changed = {name: getattr(GIVEN, name).copy() for name in columns}
    for values in changed.values():
        values[list(bars)] = np.nan
    return replace(GIVEN, **changed)


def without_bar() -> Bars:
    """The given bars without that one."""
    kept = {name: np.delete(getattr(GIVEN, name), AT) for name in COLUMNS}
    return Bars(**kept)


def is_close(actual: Series, other: Series) -> NDArray[np.bool_]:
    return np.isclose(actual, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("columns", [COLUMNS, *((name,) for name in COLUMNS)])
def test_after_a_null_a_value_is_one_of_the_series_with_or_without_that_bar(
    columns: tuple[str, ...], conn: psycopg.Connection
) -> None:
    conn.execute("truncate market.bars")
    insert(
        conn,
        {"GIVEN": GIVEN, "NULLED": with_null(columns, AT), "WITHOUT": without_bar()},
    )
    wrong = []
    for name, case in CASES.items():
        values = values_of(conn, case)
        nulled, given = values["NULLED"], values["GIVEN"]
        without = np.insert(values["WITHOUT"], AT, np.nan)
        if not np.array_equal(nulled[:AT], given[:AT], equal_nan=True):
            wrong.append(f"{name}: changed before it")
        fine = np.isnan(nulled) | is_close(nulled, given) | is_close(nulled, without)
        if name in COMBINED:
            fine[AT + 1 :] = True
        if not fine[AT:].all():
            first = AT + int(np.argmin(fine[AT:]))
            wrong.append(f"{name}: {nulled[first]} at {first - AT} bars after it")
        if np.isnan(nulled[AT + BARS_LATER_ALL_IS_WELL :]).any():
            wrong.append(f"{name}: NULL long after it")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("column", ["high", "low", "close"])
def test_a_window_with_a_null_has_no_value_wherever_it_stands(
    column: str, conn: psycopg.Connection
) -> None:
    highest, lowest = int(np.argmax(GIVEN.high)), int(np.argmin(GIVEN.low))
    nulls = {0, 3, AT, AT + 2, highest, lowest, LENGTH - 1}
    conn.execute("truncate market.bars")
    insert(
        conn,
        {
            "GIVEN": GIVEN,
            "NULLED": with_null((column,), *nulls),
            "NOTHING": with_null((column,), *range(LENGTH)),
        },
    )
    for name, period in WINDOWS.items():
        values = values_of(conn, CASES[name])
        expected = values["GIVEN"].copy()
        if f"'{column}'" in CASES[name].call:
            for bar in nulls:
                expected[bar : bar + period] = np.nan
            assert np.isnan(values["NOTHING"]).all(), name
        np.testing.assert_allclose(values["NULLED"], expected, rtol=1e-12, err_msg=name)
