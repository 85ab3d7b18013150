"""Whether a signal becomes an order: pure checks, in a fixed order."""

from dataclasses import replace
from decimal import Decimal

from desk.calendar import Clock
from desk.settings import Settings
from executor.broker import Account
from executor.case import Block, Book, Case, Defer, Place, Verdict
from executor.checks import EARLY, LATER, Check
from executor.records import Control, Signal

NO_BOOK = Book(Account(Decimal(0), Decimal(0)), {}, {}, ())


def decide(
    signal: Signal, book: Book, control: Control, settings: Settings, clock: Clock
) -> Verdict:
    """The verdict on one undecided signal; the first check that fails gives it.

    What stops everything, what is wrong with the signal, what is unclear, whether
    account and symbol can trade, what the account holds, what it can pay. Limits
    hold back entries only: an exit makes every risk smaller.
    """
    case = Case(signal, book, control, settings, clock)
    stopped, passed = _judge(case, EARLY + LATER)
    return stopped or Place(case.qty, case.price, passed)


def decide_alone(
    signal: Signal, control: Control, settings: Settings, clock: Clock
) -> Block | Defer | None:
    """The verdict on a signal that needs no look at the account; None: it does."""
    return _judge(Case(signal, NO_BOOK, control, settings, clock), EARLY)[0]


def _judge(
    case: Case, checks: tuple[Check, ...]
) -> tuple[Block | Defer | None, tuple[str, ...]]:
    passed: list[str] = []
    for check in checks:
        found = check(case)
        if isinstance(found, Block):
            return replace(found, checks=tuple(passed)), ()
        if isinstance(found, Defer):
            return found, ()
        if found is not None:
            passed.append(found)
    return None, tuple(passed)
