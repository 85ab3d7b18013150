"""A wrong argument stops the compilation, by the macro's and the argument's name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.indicators.case import CASES, FAMILIES, Case
from tests.indicators.foreign import PACKAGE, Render
from tests.indicators.macros import PARTS, arguments

MAY_BE_NEGATIVE = {("bollinger", "deviations"), ("keltner", "multiple")}
MAY_BE_ZERO = {"shift"}
RESUMED_FROM_LISTS = {"rsi", "cmo", "average_gain", "average_loss", "keltner"}
RESUMED_FROM_LISTS |= {"macd", "macd_fast", "macd_signal", "macd_slow"}
NO_NUMBERS = ("'ten'", "none", "true")
NO_COLUMNS = {
    "5": "must be the name of a column, not 5",
    "none": "must be the name of a column, not None",
    "'close + 1'": "must be the name of a column, not close + 1",
    "'no_such_column'": "is no_such_column, which is no column of the model's inputs",
}


@dataclass(frozen=True)
class Wrong:
    """A macro call with one wrong argument, and what is to be said about it."""

    case: Case
    call: str
    complaint: str


def wrong_calls() -> Iterator[Wrong]:
    """Each argument of each macro, wrong in every way."""
    seen: set[str] = set()
    for case in CASES.values():
        for call in (call for step in case.ctes for call in step.values()):
            macro, given = arguments(call)
            if macro in seen:
                continue
            seen.add(macro)
            for argument, value in given.items():
                for wrong, complaint in wrong_values(macro, argument, value):
                    changed = given | {argument: wrong}
                    listed = ", ".join(
                        f"{name}={value if name == argument else repr(value)}"
                        for name, value in changed.items()
                        if value is not None
                    )
                    yield Wrong(
                        case,
                        f"indicators.{macro}({listed})",
                        f"{macro}: {argument} {complaint}",
                    )


def wrong_values(macro: str, argument: str, value: Any) -> Iterator[tuple[str, str]]:
    if argument == "resume":
        yield from ((wrong, "must be ") for wrong in ("5", "['stored']", "{}"))
        if macro in RESUMED_FROM_LISTS:
            yield "'stored'", "must be a list of"
            yield "['stored'] * 4", "must be a list of"
            yield "['stored', none]", "must be a list of"
    elif isinstance(value, bool):
        yield from ((wrong, "must be true or false") for wrong in ("'no'", "1"))
    elif isinstance(value, str):
        yield from NO_COLUMNS.items()
    elif isinstance(value, int | float):
        yield from ((wrong, "must be a ") for wrong in NO_NUMBERS)
        if (macro, argument) not in MAY_BE_NEGATIVE:
            yield "-1", "must be a "
            if argument not in MAY_BE_ZERO:
                yield "0", "must be a "


def test_every_macro_has_a_case() -> None:
    tried = {
        arguments(call)[0]
        for case in CASES.values()
        for step in case.ctes
        for call in step.values()
    }
    files = {
        path.stem
        for family in FAMILIES
        for path in (PACKAGE / "macros" / family).iterdir()
    }
    assert files - tried == PARTS & files


def test_a_wrong_argument_is_named(render: Render) -> None:
    unnamed = []
    for wrong in wrong_calls():
        try:
            render(wrong.case.name, f"{{{{ {wrong.call} }}}}")
        except Exception as error:  # noqa: BLE001, dbt raises several kinds
            said = str(error)
        else:
            said = "nothing"
        if wrong.complaint not in said:
            unnamed.append(f"{wrong.call}: {said.splitlines()[:2]}")
    assert not unnamed, "\n".join(unnamed)


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("rsi('close', 14, resume={})", 2),
        ("macd('close', 12, 26, resume={})", 2),
        ("macd_signal('close', 12, 26, 9, resume={})", 3),
        ("keltner('high', 'low', 'close', resume={})", 2),
    ],
)
def test_a_list_of_nones_resumes_nothing(render: Render, call: str, count: int) -> None:
    def rendered(resume: str) -> str:
        return render("rsi_14", f"{{{{ indicators.{call.format(resume)} }}}}")

    assert rendered(f"[none] * {count}") == rendered("none")
    assert rendered(f"['stored'] * {count}").count("stored") >= count
