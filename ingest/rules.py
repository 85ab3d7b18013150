"""What is expected of loaded prices: of every bar, and of every series.

A bar that can't be stops the desk: entry has refused such rows, so something is
broken. A series that looks wrong marks its symbol, which then opens no position.
Importing this module takes seconds: Great Expectations does.
"""

from collections.abc import Callable, Iterator, Mapping

import great_expectations.expectations as gxe

LOWEST_RETURN = -0.75
HIGHEST_RETURN = 3.0
MISSING_SESSIONS = 5
LAST_BAR_SESSIONS = 5
FLAT_BARS = 20
TIMES_BEYOND_NEIGHBOURS = 1.5
SOURCE_DIFFERENCE = 0.05


def expectations_of_bars() -> Iterator[gxe.Expectation]:
    """For the rows of `window_bars` in `ingest/sql/gate.sql`."""
    yield gxe.ExpectTableRowCountToBeBetween(
        min_value=1, description="the window holds bars"
    )
    for price in ("open", "high", "low", "close"):
        yield gxe.ExpectColumnValuesToNotBeNull(
            column=price, description=f"{price} is known"
        )
        yield gxe.ExpectColumnValuesToBeBetween(
            column=price,
            min_value=0,
            strict_min=True,
            description=f"{price} is positive",
        )
    for upper, lower in (
        ("high", "open"),
        ("high", "close"),
        ("open", "low"),
        ("close", "low"),
    ):
        yield gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A=upper,
            column_B=lower,
            or_equal=True,
            description=f"{upper} is at least {lower}",
        )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="volume", min_value=0, description="volume is not negative"
    )
    yield gxe.ExpectCompoundColumnsToBeUnique(
        column_list=["symbol", "bar_date"],
        description="one bar per symbol and session",
    )
    yield gxe.ExpectColumnValuesToBeInSet(
        column="is_session",
        value_set=[True],
        description="every bar is on an exchange session",
    )


def expectations_of_series() -> Iterator[gxe.Expectation]:
    """For the rows of `bars_that_stand_out` in `ingest/sql/series.sql`."""
    yield gxe.ExpectColumnValuesToBeBetween(
        column="sessions_missing",
        max_value=MISSING_SESSIONS,
        description=f"at most {MISSING_SESSIONS} sessions are missing before a bar",
        meta=_rule("gap"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="bar_return",
        min_value=LOWEST_RETURN,
        max_value=HIGHEST_RETURN,
        description="the move from bar to bar, splits and dividends undone, is "
        f"between {LOWEST_RETURN:+.0%} and {HIGHEST_RETURN:+.0%}",
        meta=_rule("jump_without_action"),
    )
    yield gxe.ExpectColumnValuesToBeNull(
        column="likely_split",
        description="no calm bar lies a round ratio away from the one before, as "
        "after a split nobody told of (the ratio)",
        meta=_rule("split_without_action"),
    )
    yield gxe.ExpectColumnValuesToBeNull(
        column="move_not_seen",
        description="a big split or dividend shows in the price (the move it promises)",
        meta=_rule("action_without_jump"),
    )
    yield gxe.ExpectColumnValuesToBeNull(
        column="days_since_dividend",
        description="no dividend follows another of about the same amount within "
        "five days (the days)",
        meta=_rule("repeated_dividend"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="times_beyond_neighbours",
        max_value=TIMES_BEYOND_NEIGHBOURS,
        description="no bar lies wholly more than "
        f"{TIMES_BEYOND_NEIGHBOURS} times beyond neighbours that agree, as with a "
        "wrong unit or instrument (times)",
        meta=_rule("reversed_move"),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="other_source_difference",
        min_value=-SOURCE_DIFFERENCE,
        max_value=SOURCE_DIFFERENCE,
        description="closes of two sources differ by at most "
        f"{SOURCE_DIFFERENCE:.0%} (this over the other, minus 1)",
        meta=_rule("sources_disagree"),
    )


def expectations_of_ends() -> Iterator[gxe.Expectation]:
    """For the rows of `ends_of_series` in `ingest/sql/series.sql`."""
    yield gxe.ExpectColumnValuesToBeBetween(
        column="sessions_old",
        max_value=LAST_BAR_SESSIONS,
        description=f"the last bar is at most {LAST_BAR_SESSIONS} sessions old",
        meta=_rule("stale_last_bar", is_of_end=True),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="flat_bars",
        max_value=FLAT_BARS - 1,
        description=f"fewer than {FLAT_BARS} bars up to the last repeat one price "
        "without a share traded",
        meta=_rule("flat_run", is_of_end=True),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="twins",
        max_value=0,
        description="no other symbol has the same last bars (how many do)",
        meta=_rule("same_as_another_symbol", is_of_end=True),
    )
    yield gxe.ExpectColumnValuesToBeBetween(
        column="foreign_sources",
        max_value=0,
        description="prices are in US dollars (how many sources say otherwise)",
        meta=_rule("foreign_currency", is_of_end=True),
    )


SUITES: Mapping[str, Callable[[], Iterator[gxe.Expectation]]] = {
    "bars": expectations_of_bars,
    "series": expectations_of_series,
    "ends": expectations_of_ends,
}


def _rule(name: str, *, is_of_end: bool = False) -> dict[str, object]:
    return {"rule": name, "is_of_end": is_of_end}
