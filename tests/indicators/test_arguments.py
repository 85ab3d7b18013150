"""A wrong argument stops the compilation, by the macro's and the argument's name."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.indicators.case import CASES, FAMILIES, Case
from tests.indicators.foreign import PACKAGE, ForeignProject

# Other macros' parts, which check nothing themselves.
PARTS = {"chained_averages", "directional_movement", "gains_and_losses"}
PARTS |= {"heikin_ashi", "ichimoku_line", "recursive_average", "supertrend_bands"}
PARTS |= {"bars_since_extreme"}
MAY_BE_NEGATIVE = {("bollinger", "deviations"), ("keltner", "multiple")}
MAY_BE_ZERO = {"shift"}
NO_NUMBERS = ("'ten'", "none", "true")
NO_COLUMNS = {
    "5": "must be the name of a column, not 5",
    "none": "must be the name of a column, not None",
    "'close + 1'": "must be the name of a column, not close + 1",
    "'no_such_column'": "is no_such_column, which is no column of the model's inputs",
}

Render = Callable[[Case, str], str]


@dataclass(frozen=True)
class Wrong:
    """A macro call with one wrong argument, and what is to be said about it."""

    case: Case
    call: str
    complaint: str


def signature(macro: str) -> dict[str, Any]:
    """A macro's parameters with their defaults, as its file has them."""
    (path,) = PACKAGE.rglob(f"{macro}.sql")
    found = re.search(rf"macro {macro}\((.*?)\) -?%", path.read_text(), re.DOTALL)
    assert found, macro
    text = re.sub(r"\b(none|true|false)\b", lambda m: m[0].title(), found[1])
    (function,) = ast.parse(f"def f({text}): pass").body
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in function.args.args]
    defaults = [ast.literal_eval(value) for value in function.args.defaults]
    required = dict.fromkeys(names[: len(names) - len(defaults)])
    return required | dict(zip(names[len(required) :], defaults, strict=True))


def arguments(call: str) -> tuple[str, dict[str, Any]]:
    """A call's macro, and all of its arguments by name."""
    expression = ast.parse(re.sub(r"\btrue\b", "True", call), mode="eval").body
    assert isinstance(expression, ast.Call)
    assert isinstance(expression.func, ast.Attribute)
    macro = expression.func.attr
    given = [ast.literal_eval(value) for value in expression.args]
    named = {str(k.arg): ast.literal_eval(k.value) for k in expression.keywords}
    defaults = signature(macro)
    positional = dict(zip(defaults, given, strict=False))
    return macro, defaults | positional | named


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
    if isinstance(value, str):
        yield from NO_COLUMNS.items()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from ((wrong, "must be a ") for wrong in NO_NUMBERS)
        if (macro, argument) not in MAY_BE_NEGATIVE:
            yield "-1", "must be a "
            if argument not in MAY_BE_ZERO:
                yield "0", "must be a "


@pytest.fixture(scope="module")
def render(foreign: ForeignProject) -> Render:
    """A function that renders a macro call as part of a case's model."""
    from dbt.adapters.factory import FACTORY
    from dbt.clients.jinja import get_rendered
    from dbt.context.providers import generate_runtime_model_context

    manifest = foreign.dbt("parse")
    adapter: Any = FACTORY.adapters["postgres"]

    def render_call(case: Case, call: str) -> str:
        node = manifest.nodes[f"model.elsewhere.{case.name}"]
        context = generate_runtime_model_context(node, adapter.config, manifest)
        return str(get_rendered(f"{{{{ {call} }}}}", context, node))

    return render_call


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
            render(wrong.case, wrong.call)
        except Exception as error:  # noqa: BLE001, dbt raises several kinds
            said = str(error)
        else:
            said = "nothing"
        if wrong.complaint not in said:
            unnamed.append(f"{wrong.call}: {said.splitlines()[:2]}")
    assert not unnamed, "\n".join(unnamed)
