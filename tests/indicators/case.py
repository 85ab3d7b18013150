"""What is known about one indicator: its macro, its oracle, its convention."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Self

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
LIMIT = 1e-9
FAMILIES = ("trend", "momentum", "volatility", "volume", "levels")


@dataclass(frozen=True, slots=True)
class Bars:
    """One symbol's bars, oldest first, as arrays of one length; NULL is NaN."""

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    benchmark: Series

    def __len__(self) -> int:
        return len(self.close)

    def __getitem__(self, rows: slice) -> Self:
        """The bars of some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    def scaled(self, factor: float) -> Self:
        """The same bars with prices so many times as high."""
        prices = (name for name in COLUMNS if name != "volume")
        return replace(self, **{name: factor * getattr(self, name) for name in prices})


COLUMNS = tuple(field.name for field in fields(Bars))
Oracle = Callable[[Bars], Series]


@dataclass(frozen=True, slots=True)
class Case:
    """One column of one indicator.

    `ctes` are the steps of its query, {column: macro call} each; a step reads the
    columns of those before it. The column `name` of the last one is compared with
    the oracle's, whose NaN stands for NULL. `absolute` is what an error is measured
    against where the value is nearer to zero: a number, or the largest value so far of
    a column or a function of the bars. `elsewhere`: what others mean by the name, if
    they differ.
    """

    name: str
    ctes: tuple[Mapping[str, str], ...]
    oracle: Oracle
    oracle_name: str
    convention: str
    elsewhere: str = ""
    absolute: str | float | Oracle = 0.0

    @property
    def family(self) -> str:
        """The module of the case."""
        return self.oracle.__module__.rpartition("_")[2]

    @property
    def call(self) -> str:
        """The macro call that gives the compared column."""
        return self.ctes[-1][self.name]

    def model(self) -> str:
        """The case as a dbt model: the columns ticker, traded_on, value."""
        steps, source = [], "{{ source('market', 'bars') }}"
        for number, columns in enumerate(self.ctes, 1):
            calculated = ",\n".join(
                f"        {{{{ {call} }}}} as {column}"
                for column, call in columns.items()
            )
            steps.append(
                f"step_{number} as (\n\n    select\n        *,\n{calculated}\n"
                f"    from {source}\n\n)"
            )
            source = f"step_{number}"
        return (
            "with " + ",\n\n".join(steps) + "\n\n"
            f"select ticker, traded_on, {self.name} as value from {source}\n"
        )

    def error(self, actual: Series, expected: Series, bars: Bars) -> Series:
        """Each bar's error: relative, absolute near zero; NaN where both are NULL."""
        near_zero = self.near_zero(bars)
        distance = np.abs(actual - expected)
        scale = np.maximum(np.abs(expected), near_zero)
        return np.divide(
            distance,
            scale,
            where=distance != 0,
            out=np.where(distance == 0, 0, distance),
        )

    def near_zero(self, bars: Bars) -> Series:
        """What an error is measured against at least, at each bar."""
        if isinstance(self.absolute, int | float):
            return np.full(len(bars), float(self.absolute))
        if isinstance(self.absolute, str):
            return np.maximum.accumulate(np.abs(getattr(bars, self.absolute)))
        return np.maximum.accumulate(np.abs(self.absolute(bars)))


def all_cases() -> Iterator[Case]:
    """The cases of every family whose module is there."""
    for family in FAMILIES:
        name = f"tests.indicators.cases_{family}"
        if find_spec(name) is not None:
            yield from import_module(name).CASES


CASES = {case.name: case for case in all_cases()}
