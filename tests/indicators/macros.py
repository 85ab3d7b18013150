"""What the package's macro files say about themselves."""

import ast
import re
from typing import Any

from tests.indicators.foreign import PACKAGE

# Other macros' parts, which check nothing themselves.
PARTS = {"chained_averages", "directional_movement", "gains_and_losses"}
PARTS |= {"heikin_ashi", "ichimoku_line", "recursive_average", "supertrend_bands"}
PARTS |= {"bars_since_extreme", "macd_lines"}


def text_of(macro: str) -> str:
    (path,) = PACKAGE.rglob(f"{macro}.sql")
    return path.read_text()


def parameters(macro: str) -> str:
    """A macro's parameters as its file has them, on one line."""
    found = re.search(rf"macro {macro}\((.*?)\) -?%", text_of(macro), re.DOTALL)
    assert found, macro
    return " ".join(found[1].split())


def purpose(macro: str) -> str:
    """The first sentence of a macro's comment."""
    found = re.match(r"\{#\s*(.*?\.)(\s|$)", text_of(macro), re.DOTALL)
    assert found, macro
    return " ".join(found[1].split())


def signature(macro: str) -> dict[str, Any]:
    """A macro's parameters with their defaults."""
    text = re.sub(
        r"\b(none|true|false)\b", lambda found: found[0].title(), parameters(macro)
    )
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
