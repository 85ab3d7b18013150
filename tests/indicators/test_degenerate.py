"""Declared answers where a formula has none: nothing moves, trades or costs."""

from dataclasses import replace

import numpy as np
import psycopg
import pytest

from tests.indicators.case import CASES, Bars
from tests.indicators.foreign import values_of
from tests.indicators.series import bars_around, insert, walk

LENGTH = 300
NULL = None
CALM = bars_around(walk(LENGTH))


def constant(value: float) -> Bars:
    """Every price the same, in ordinary volume."""
    prices = np.full(LENGTH, value)
    return Bars(prices, prices, prices, prices, CALM.volume, prices)


def rising() -> Bars:
    """Each bar a dollar higher than the one before, without a range."""
    prices = np.arange(1.0, LENGTH + 1)
    return replace(constant(1), open=prices, high=prices, low=prices, close=prices)


NOTHING: dict[str, float | None] = {
    **dict.fromkeys(("rsi_14", "cmo_14", "stochastic_rsi_14", "tsi_25_13"), 0),
    **dict.fromkeys(("stochastic_fast_k_14", "williams_r_14", "cci_20"), 0),
    **dict.fromkeys(("mfi_14", "ultimate_oscillator", "trix_15"), 0),
    **dict.fromkeys(("plus_di_14", "minus_di_14", "dx_14", "adx_14", "adxr_14"), 0),
    **dict.fromkeys(("aroon_up_14", "aroon_down_14"), 100),
    **dict.fromkeys(("roc_10", "ppo_12_26", "chaikin_volatility_10", "natr_14"), 0),
    **dict.fromkeys(("money_flow_volume", "ad_line", "chaikin_money_flow_20"), 0),
    **dict.fromkeys(("z_score_20", "bollinger_percent_b_20"), NULL),
}
ANSWERS: dict[str, tuple[Bars, dict[str, float | None]]] = {
    "never moves": (
        constant(37.3),
        NOTHING
        | {
            **dict.fromkeys(("correlation_60", "beta_60", "drawdown"), 0),
            **dict.fromkeys(("standard_deviation_20", "variance_20"), 0),
            **dict.fromkeys(("bollinger_width_20", "ulcer_index_14"), 0),
            "supertrend_direction_10": 1,
        },
    ),
    "costs nothing": (
        constant(0),
        NOTHING
        | {
            **dict.fromkeys(("simple_return", "log_return", "drawdown"), NULL),
            **dict.fromkeys(("historical_volatility_20", "ulcer_index_14"), NULL),
            **dict.fromkeys(("bollinger_width_20", "beta_60"), NULL),
            "correlation_60": NULL,
            "obv": CALM.volume[0],
        },
    ),
    "only rises, without a range": (
        rising(),
        {
            **dict.fromkeys(("rsi_14", "cmo_14", "tsi_25_13", "mfi_14"), 100),
            **dict.fromkeys(("plus_di_14", "dx_14", "adx_14"), 100),
            **dict.fromkeys(("minus_di_14", "stochastic_rsi_14"), 0),
            **dict.fromkeys(("stochastic_fast_k_14", "ultimate_oscillator"), 100),
            **dict.fromkeys(("ad_line", "chaikin_money_flow_20", "drawdown"), 0),
            "williams_r_14": 0,
            "chaikin_volatility_10": 0,
        },
    ),
    "never trades": (
        replace(CALM, volume=np.zeros(LENGTH)),
        {
            **dict.fromkeys(("mfi_14", "chaikin_money_flow_20", "obv"), 0),
            **dict.fromkeys(("ad_line", "chaikin_oscillator_3_10"), 0),
            **dict.fromkeys(("force_index_13", "volume_sma_20"), 0),
            **dict.fromkeys(("vwap_20", "vwma_20"), NULL),
        },
    ),
}


@pytest.mark.parametrize("price", ANSWERS)
def test_a_price_without_an_answer_gets_the_declared_one(
    price: str, conn: psycopg.Connection
) -> None:
    bars, answers = ANSWERS[price]
    conn.execute("truncate market.bars")
    insert(conn, {"ODD": bars})
    said = {name: values_of(conn, CASES[name])["ODD"][-1] for name in answers}
    declared = {n: np.nan if a is NULL else a for n, a in answers.items()}
    assert said == pytest.approx(declared, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("price", [0.1, 33.33, 37.3, 1e6 / 3])
def test_prices_that_are_all_the_same_vary_by_exactly_nothing(
    price: float, conn: psycopg.Connection
) -> None:
    conn.execute("truncate market.bars")
    wandering = walk(LENGTH)
    wandering[LENGTH // 2 :] = price
    insert(conn, {"STILL": bars_around(wandering)})
    for name in ("variance_20", "standard_deviation_20", "bollinger_width_20"):
        still = values_of(conn, CASES[name])["STILL"][LENGTH // 2 + 20 :]
        assert (still == 0).all(), name


def test_a_price_of_zero_has_no_value_before_any_other_price_has(
    conn: psycopg.Connection,
) -> None:
    conn.execute("truncate market.bars")
    insert(conn, {"ZERO": constant(0), "ONE": constant(1)})
    early = []
    for name, case in CASES.items():
        values = values_of(conn, case)
        warming_up = np.isnan(values["ONE"])
        if not np.isnan(values["ZERO"][warming_up]).all():
            early.append(name)
    assert early == []
