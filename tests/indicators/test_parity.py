"""Every indicator against its oracle, on every bar of real and made-up series."""

import numpy as np
import psycopg
import pytest

from tests.indicators.case import CASES, LIMIT, Bars
from tests.indicators.foreign import values_of


@pytest.mark.parametrize("name", CASES)
def test_an_indicator_equals_its_oracle_on_every_bar(
    name: str, conn: psycopg.Connection, series: dict[str, Bars]
) -> None:
    case = CASES[name]
    actual = values_of(conn, case)
    for symbol, bars in series.items():
        expected = case.oracle(bars)
        np.testing.assert_array_equal(
            np.isnan(actual[symbol]), np.isnan(expected), f"NULLs of {symbol}"
        )
        error = case.error(actual[symbol], expected, bars)
        assert np.nanmax(error, initial=0) <= LIMIT, symbol
