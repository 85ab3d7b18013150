"""No indicator looks ahead: what comes later never changes what was said."""

import numpy as np
import psycopg
import pytest

from tests.indicators.case import CASES, Series
from tests.indicators.foreign import ForeignProject, values_of
from tests.indicators.series import FIRST_DAY


@pytest.fixture(scope="module")
def whole(foreign: ForeignProject) -> dict[str, dict[str, Series]]:
    """Every case's values on the uncut series."""
    with foreign.database.connect() as conn:
        return {name: values_of(conn, case) for name, case in CASES.items()}


@pytest.mark.parametrize("kept", [41, 290, 1500])
def test_bars_that_come_later_change_nothing(
    kept: int, conn: psycopg.Connection, whole: dict[str, dict[str, Series]]
) -> None:
    conn.execute(
        "delete from market.bars where traded_on >= %s::date + %s::integer",
        (FIRST_DAY, kept),
    )
    for name, case in CASES.items():
        for ticker, values in values_of(conn, case).items():
            before = whole[name][ticker][:kept]
            np.testing.assert_array_equal(values, before, f"{name} of {ticker}")
