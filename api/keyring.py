"""The live API keys, in memory: known by their hashes, limited one by one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest
from math import ceil
from time import time
from typing import Literal

from api.database import DatabaseAwayError
from desk.keys import ID_LENGTH, key_hash

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a live key."""

    key_id: str
    name: str
    scope: Literal["read", "control"]
    hash: bytes


NOBODY = Holder("", "nobody", "read", bytes(32))


class KeyRing:
    """The live keys, as the database last told; each may ask so often a minute."""

    def __init__(self, requests_per_minute: int) -> None:
        self._holders: dict[str, Holder] | None = None
        self._most = requests_per_minute
        self._minute = 0.0
        self._asked: Counter[str] = Counter()

    def replace(self, holders: Iterable[Holder]) -> bool:
        """Take over what is live now; whether that is something else."""
        before = self._holders
        self._holders = {holder.key_id: holder for holder in holders}
        return self._holders != before

    def holder_of(self, key: str) -> Holder | None:
        """Who holds a key; None for one that is unknown or revoked.

        Raises `DatabaseAwayError` while no keys could be read yet.
        """
        if self._holders is None:
            raise DatabaseAwayError("the keys have not been read yet")
        given = key_hash(key)
        found = self._holders.get(given.hex()[:ID_LENGTH], NOBODY)
        return found if compare_digest(found.hash, given) else None

    def is_live(self, holder: Holder) -> bool:
        """Whether a holder's key has not been revoked since."""
        return self._holders is not None and holder.key_id in self._holders

    def seconds_to_wait(self, holder: Holder) -> int:
        """0 if a holder may ask now, which counts; else when to ask again."""
        minute, passed = divmod(time(), MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._asked.clear()
        self._asked[holder.key_id] += 1
        if self._asked[holder.key_id] <= self._most:
            return 0
        return ceil(MINUTE - passed)
