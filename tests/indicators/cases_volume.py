"""Cases of the volume indicators."""

import numpy as np
import talib

from tests.indicators.case import Bars, Case, Series
from tests.indicators.oracles import before, rolling

LOOP = "Python loop"
PRICES = "'high', 'low', 'close', 'volume'"


def typical_price(bars: Bars) -> Series:
    result: Series = talib.TYPPRICE(bars.high, bars.low, bars.close)
    return result


def flow_volume(bars: Bars) -> Series:
    flows = []
    for high, low, close, volume in zip(
        bars.high, bars.low, bars.close, bars.volume, strict=True
    ):
        place = ((close - low) - (high - close)) / (high - low) if high > low else 0
        flows.append(place * volume)
    return np.array(flows)


def money_flow(bars: Bars) -> Series:
    price = typical_price(bars)
    flows = np.full(len(bars), np.nan)
    for bar in range(1, len(bars)):
        change = price[bar] - price[bar - 1]
        is_tie = abs(change) < 1e-14 * (price[bar] + price[bar - 1])
        direction = 0 if is_tie else np.sign(change)
        flows[bar] = direction * price[bar] * bars.volume[bar]
    return flows


def mfi(bars: Bars) -> Series:
    """TA-Lib on each window alone: its running sums keep the rounding of old ones."""

    def index(high: Series, low: Series, close: Series, volume: Series) -> float:
        return float(talib.MFI(high, low, close, volume, 14)[-1])

    return rolling(index, 15, bars.high, bars.low, bars.close, bars.volume)


def vwap(bars: Bars) -> Series:
    def average(price: Series, volume: Series) -> float:
        traded = np.sum(volume)
        return float(np.sum(price * volume) / traded) if traded else np.nan

    return rolling(average, 20, typical_price(bars), bars.volume)


CASES = (
    Case(
        name="typical_price",
        ctes=({"typical_price": "indicators.typical_price('high', 'low', 'close')"},),
        oracle=typical_price,
        oracle_name="TA-Lib TYPPRICE",
        convention="mean of high, low and close",
    ),
    Case(
        name="volume_sma_20",
        ctes=({"volume_sma_20": "indicators.sma('volume', 20)"},),
        oracle=lambda bars: talib.SMA(bars.volume, 20),
        oracle_name="TA-Lib SMA",
        convention="NULL until n bars are there",
        absolute="volume",
    ),
    Case(
        name="obv",
        ctes=({"obv": "indicators.obv('close', 'volume')"},),
        oracle=lambda bars: talib.OBV(bars.close, bars.volume),
        oracle_name="TA-Lib OBV",
        convention="starts at the first bar's volume",
        elsewhere="Skender, Tulip: starts at 0",
        absolute="volume",
    ),
    Case(
        name="money_flow_volume",
        ctes=({"money_flow_volume": f"indicators.money_flow_volume({PRICES})"},),
        oracle=flow_volume,
        oracle_name=LOOP,
        convention="0 for a bar without a range",
        absolute="volume",
    ),
    Case(
        name="ad_line",
        ctes=({"ad_line": f"indicators.ad_line({PRICES})"},),
        oracle=lambda bars: talib.AD(bars.high, bars.low, bars.close, bars.volume),
        oracle_name="TA-Lib AD",
        convention="starts with the first bar's own; 0 for a bar without a range",
        absolute="volume",
    ),
    Case(
        name="chaikin_oscillator_3_10",
        ctes=({"chaikin_oscillator_3_10": f"indicators.chaikin_oscillator({PRICES})"},),
        oracle=lambda bars: talib.ADOSC(
            bars.high, bars.low, bars.close, bars.volume, 3, 10
        ),
        oracle_name="TA-Lib ADOSC",
        convention="both averages start at the line's first value",
        elsewhere="LEAN: averages seeded by their first means",
        absolute="volume",
    ),
    Case(
        name="chaikin_money_flow_20",
        ctes=(
            {"chaikin_money_flow_20": f"indicators.chaikin_money_flow({PRICES}, 20)"},
        ),
        oracle=lambda bars: talib.CMF(bars.high, bars.low, bars.close, bars.volume, 20),
        oracle_name="TA-Lib CMF",
        convention="-1 to 1; 0 when nothing was traded",
        absolute=1.0,
    ),
    Case(
        name="money_flow",
        ctes=({"money_flow": f"indicators.money_flow({PRICES})"},),
        oracle=money_flow,
        oracle_name=LOOP,
        convention="signed by the typical price's change",
    ),
    Case(
        name="mfi_14",
        ctes=(
            {"money_flow": f"indicators.money_flow({PRICES})"},
            {"mfi_14": "indicators.mfi('money_flow', 14)"},
        ),
        oracle=mfi,
        oracle_name="TA-Lib MFI",
        convention="0 when nothing flowed; prices equal but for rounding are a tie",
        elsewhere="ta: no value on a flat series",
        absolute=1.0,
    ),
    Case(
        name="vwap_20",
        ctes=({"vwap_20": f"indicators.vwap({PRICES}, 20)"},),
        oracle=vwap,
        oracle_name=LOOP,
        convention="of the last n bars, at typical prices; NULL without volume",
        elsewhere="TA-Lib VWAP, Skender: from the first bar on; LEAN: at OHLC/4",
    ),
    Case(
        name="force",
        ctes=({"force": "indicators.force('close', 'volume')"},),
        oracle=lambda bars: (bars.close - before(bars.close)) * bars.volume,
        oracle_name=LOOP,
        convention="NULL on the first bar",
    ),
    Case(
        name="force_index_13",
        ctes=(
            {"force": "indicators.force('close', 'volume')"},
            {"force_index_13": "indicators.force_index('force', 13)"},
        ),
        oracle=lambda bars: talib.EFI(bars.close, bars.volume, 13),
        oracle_name="TA-Lib EFI",
        convention="exponential average, seeded by the mean of the first n forces",
        absolute=lambda bars: bars.close * bars.volume,
    ),
)
