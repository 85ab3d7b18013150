"""Every indicator against its oracle on series that nobody thought of."""

import numpy as np
import psycopg
from hypothesis import given

from tests.indicators.case import CASES, LIMIT, Bars
from tests.indicators.foreign import values_of
from tests.indicators.series import insert
from tests.indicators.strategies import any_bars


@given(bars=any_bars())
def test_indicators_equal_their_oracles_on_any_series(
    conn: psycopg.Connection, bars: Bars
) -> None:
    conn.execute("truncate market.bars")
    insert(conn, {"ANY": bars})
    for case in CASES.values():
        actual, expected = values_of(conn, case)["ANY"], case.oracle(bars)
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected), case.name)
        error = np.nanmax(case.error(actual, expected, bars), initial=0)
        assert error <= LIMIT, f"{case.name}: {error}"
