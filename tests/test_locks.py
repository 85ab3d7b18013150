"""What takes turns takes turns with its own kind only."""

from desk import locks


def test_each_lock_has_a_number_of_its_own() -> None:
    numbers = {name: key for name, key in vars(locks).items() if name.endswith("_LOCK")}
    assert len(numbers) >= 7
    assert len(set(numbers.values())) == len(numbers)
