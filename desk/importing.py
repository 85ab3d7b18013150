"""Imports that take seconds, made when they are needed and in less time."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Within the block the garbage collector rests, and what comes in stays for good.

    Modules leave no garbage, but the collector walks all of them at every turn, which
    is a fifth of the time that importing Great Expectations takes.
    """
    modules, was_enabled = len(sys.modules), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > modules:
            gc.freeze()
        if was_enabled:
            gc.enable()
