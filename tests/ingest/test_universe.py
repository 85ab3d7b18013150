"""Which symbols are asked for."""

from pathlib import Path

import pytest

from desk.errors import SettingError
from desk.settings import Settings
from ingest.universe import asked_symbols

ODD = ("ALL", "TRUE", "NAN", "ON", "NULL", "BRK-B", "^GSPC", "1E5")


def symbols_of(path: Path) -> tuple[str, ...]:
    return asked_symbols(Settings(symbols_file=path))


def test_symbols_come_from_the_setting_once_each() -> None:
    settings = Settings(symbols=("AAPL", *ODD, "AAPL"))
    assert asked_symbols(settings) == ("AAPL", *ODD)


def test_symbols_come_from_a_file_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "universe.txt"
    lines = ["\ufeff# my universe", *ODD, "", "AAPL  # the fruit", "ALL"]
    path.write_text("\r\n".join(lines), encoding="utf-8")
    assert symbols_of(path) == (*ODD, "AAPL")


@pytest.mark.parametrize("header", ["Symbol,Name", "ticker,name", "act_symbol,name"])
def test_symbols_come_from_the_first_column_of_a_csv(
    header: str, tmp_path: Path
) -> None:
    path = tmp_path / "universe.csv"
    path.write_text(f'{header}\n"AAPL","Apple, Inc."\nTRUE,TrueCar\n')
    assert symbols_of(path) == ("AAPL", "TRUE")


def test_a_file_that_names_no_symbol_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "universe.txt"
    with pytest.raises(SettingError, match=r"DESK_SYMBOLS_FILE=.*: No such file"):
        symbols_of(path)
    path.write_text("symbol\n# none yet\n")
    with pytest.raises(SettingError, match="the file names no symbol"):
        symbols_of(path)
    path.write_bytes(b"\xff\xfeA\0A\0")
    with pytest.raises(SettingError, match="is not UTF-8 text"):
        symbols_of(path)


def test_two_universes_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "universe.txt"
    path.write_text("AAPL\n")
    with pytest.raises(SettingError, match="unset it or DESK_SYMBOLS"):
        asked_symbols(Settings(symbols=("MSFT",), symbols_file=path))
