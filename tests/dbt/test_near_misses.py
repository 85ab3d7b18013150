"""Near misses: what each symbol's last bar lacked."""

import re

from desk.database import Database
from tests.dbt.rows import rows_of

NEAR_MISSES = "select * from marts.near_misses order by strategy, symbol, side"


def test_every_silent_symbol_says_what_it_lacked_for_either_side(
    built: Database,
) -> None:
    silent = rows_of(
        built,
        """
        select int_strategies.strategy, int_symbols.symbol, last_bar_date as bar_date
        from intermediate.int_symbols
        cross join intermediate.int_strategies
        where not exists (
            select from marts.signals
            where signals.strategy = int_strategies.strategy
                and signals.symbol = int_symbols.symbol
                and signals.bar_date = int_symbols.last_bar_date
        )
        """,
    )
    expected = {(*row.values(), side) for row in silent for side in ("buy", "sell")}
    given = {
        (row["strategy"], row["symbol"], row["bar_date"], row["side"])
        for row in rows_of(built, NEAR_MISSES)
    }
    assert 50 < len(given) < 70
    assert given == expected


def test_a_near_miss_names_the_value_and_what_it_needs(built: Database) -> None:
    told = {
        (row["strategy"], row["symbol"], row["side"]): row
        for row in rows_of(built, NEAR_MISSES)
    }
    (rsi,) = rows_of(
        built,
        "select rsi_14 from marts.indicators where symbol = 'AAPL' "
        "order by bar_date desc offset 1 limit 1",
    )
    assert told["rsi_reversal", "AAPL", "sell"]["missing"] == (
        f"RSI 14 ({rsi['rsi_14']:.2f}) was below 70 on the bar before already"
    )
    close, high = (
        rows_of(built, query)[0]["value"]
        for query in (
            "select close as value from marts.bars where symbol = 'IBM' "
            "order by bar_date desc limit 1",
            "select max(adjusted_high) as value "
            "from (select adjusted_high from marts.bars "
            "where symbol = 'IBM' order by bar_date desc offset 1 limit 20) as bars",
        )
    )
    assert told["donchian", "IBM", "buy"]["missing"] == (
        f"close is {close:.2f}, needs > previous 20-bar high ({high:.2f})"
    )
    assert told["sma_cross", "FB", "buy"]["missing"] == "SMA 200 is not known yet"
    assert told["dual_momentum", "GOOG", "buy"]["missing"].startswith("nothing; ")
    for row in told.values():
        unmet = [p for p in row["predicates"] if not p["outcome"]]
        assert row["unmet"] == len(unmet)
        for number in re.findall(r"is (-?[\d.]+), needs", row["missing"]):
            assert any(f"{p['left_value']:.2f}" == number for p in unmet) or any(
                f"{p['left_value']:.4f}" == number for p in unmet
            )
