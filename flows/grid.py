"""The grid of a sweep, from what a person types to points, and its windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, Overflow
from itertools import product
from math import prod

from desk.errors import DeskError

Number = int | float
Point = Mapping[str, Number]
MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Points to evaluate; how many were skipped because fast is not below slow, and a
    point for each value of which all were, so that its range is checked too."""

    points: Sequence[Point]
    skipped: int
    unseen: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Window:
    """Sessions counted from 1, both ends included. `part`: all, train or test."""

    fold: int
    part: str
    first: int
    last: int


def declared_parameters(project_yml: str, strategy: str) -> Point:
    """The strategy's parameters as dbt_project.yml has them."""
    from dbt.clients.yaml_helper import load_yaml_text  # 2 s of import

    strategies = (load_yaml_text(project_yml) or {})["vars"]["strategies"]
    if strategy not in strategies:
        known = ", ".join(strategies)
        raise DeskError(f"there is no strategy {strategy}; known are {known}")
    declared = strategies[strategy] or {}
    if not isinstance(declared, Mapping):
        raise DeskError(
            f"dbt_project.yml: vars: strategies: {strategy} is {declared}, "
            "must be its parameters"
        )
    return declared


def make_grid(strategy: str, declared: Point, asked: Sequence[str]) -> Grid:
    """Every combination of the values asked for; the rest stays as declared.

    `asked`: name=values, values such as 5..50:5, 5..9, or 10,20,50. A name may be
    short where it is clear: fast, or sma_fast, for sma_cross's fast_bars.
    """
    if not asked:
        raise DeskError("a sweep needs at least one --grid name=values")
    axes: dict[str, Sequence[Number]] = {}
    for text in asked:
        given, _, values = text.partition("=")
        name = _full_name(given.strip(), strategy, declared)
        if name in axes:
            raise DeskError(f"--grid {text}: {name} is given twice")
        axes[name] = _values(text, values)
    if prod(map(len, axes.values())) > MOST_POINTS:
        raise _too_many(" ".join(asked))
    combined = [
        {**declared, **dict(zip(axes, values, strict=True))}
        for values in product(*axes.values())
    ]
    points = [point for point in combined if _is_in_order(point)]
    if not points:
        raise DeskError("no point is left: fast has to be below slow")
    unseen = [
        {**declared, name: value}
        for name, values in axes.items()
        for value in values
        if value not in {point[name] for point in points}
    ]
    return Grid(points, len(combined) - len(points), unseen)


def _full_name(given: str, strategy: str, declared: Point) -> str:
    words = set(given.split("_")) - set(strategy.split("_"))
    fits = [name for name in declared if words and words <= set(name.split("_"))]
    return fits[0] if given not in declared and len(fits) == 1 else given


def _is_in_order(point: Point) -> bool:
    """A fast_… that isn't below its slow_… is the other rule upside down, or none."""
    return all(
        value < point.get(f"slow_{name.removeprefix('fast_')}", float("inf"))
        for name, value in point.items()
        if name.startswith("fast_")
    )


def _values(text: str, values: str) -> Sequence[Number]:
    found: dict[Number, None] = {}
    try:
        for part in values.split(","):
            ends, _, step = part.partition(":")
            first, _, last = ends.partition("..")
            value, until = Decimal(first), Decimal(last or first)
            by = Decimal(step or 1)
            if by <= 0 or until < value or not (until - value).is_finite():
                raise InvalidOperation
            if len(found) + (until - value) / by >= MOST_POINTS:
                raise _too_many(text)
            while value <= until:
                found[int(value) if value == int(value) else float(value)] = None
                value += by
    except (InvalidOperation, Overflow):
        raise DeskError(
            f"--grid {text}: write name=5..50:5, name=5..9 or name=10,20,50"
        ) from None
    return list(found)


def _too_many(text: str) -> DeskError:
    return DeskError(
        f"--grid {text}: more than {MOST_POINTS:,} points; take larger steps or fewer"
        " values"
    )


def windows_of(sessions: int, walk_forward: str | None) -> Sequence[Window]:
    """The whole, and with train=N,test=N (sessions) pairs that walk over it.

    Each test follows its training, and the next pair begins so many sessions later as
    a test has; what is left at the end is not used.
    """
    whole = Window(0, "all", 1, sessions)
    if walk_forward is None:
        return [whole]
    lengths = dict(part.strip().partition("=")[::2] for part in walk_forward.split(","))
    if lengths.keys() != {"train", "test"} or not all(
        length.isdecimal() and int(length) > 1 for length in lengths.values()
    ):
        raise DeskError(
            f"--walk-forward {walk_forward}: write train=756,test=252 (sessions)"
        )
    train, test = int(lengths["train"]), int(lengths["test"])
    if sessions < train + test:
        raise DeskError(
            f"--walk-forward {walk_forward}: {train + test} sessions are needed, "
            f"there are {sessions}"
        )
    windows = [whole]
    for fold, first in enumerate(range(1, sessions - train - test + 2, test), start=1):
        split = first + train
        windows.append(Window(fold, "train", first, split - 1))
        windows.append(Window(fold, "test", split, split + test - 1))
    return windows
