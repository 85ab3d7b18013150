"""No indicator looks ahead: what comes later never changes what was said."""

import numpy as np
import psycopg
import pytest

from tests.indicators.case import CASES
from tests.indicators.foreign import values_of
from tests.indicators.series import FIRST_DAY


@pytest.mark.parametrize("kept", [41, 290, 1500])
def test_bars_that_come_later_change_nothing(
    kept: int, conn: psycopg.Connection
) -> None:
    whole = {name: values_of(conn, case) for name, case in CASES.items()}
    conn.execute(
        "delete from market.bars where traded_on >= %s::date + %s::integer",
        (FIRST_DAY, kept),
    )
    for name, case in CASES.items():
        for ticker, values in values_of(conn, case).items():
            before = whole[name][ticker][:kept]
            np.testing.assert_array_equal(values, before, f"{name} of {ticker}")
