"""Which symbols to load: from a setting or a file."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from desk.errors import SettingError
from desk.settings import Settings

HEADERS = {"symbol", "symbols", "ticker", "tickers", "act symbol"}
COMMENT = "#"


def asked_symbols(settings: Settings) -> tuple[str, ...]:
    """The symbols that `DESK_SYMBOLS` or `DESK_SYMBOLS_FILE` names, each once.

    Empty when neither is set. A symbol is text, whatever it looks like. Raises
    `SettingError` when both are set, or the file can't be read or names none.
    """
    path = settings.symbols_file
    if path is None:
        return _distinct(settings.symbols)
    if settings.symbols:
        raise SettingError(
            "DESK_SYMBOLS_FILE",
            path,
            "unset it or DESK_SYMBOLS; one names the universe",
        )
    symbols = _distinct(_read(path))
    if not symbols:
        raise SettingError("DESK_SYMBOLS_FILE", path, "the file names no symbol")
    return symbols


def _read(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as failed:
        why = failed.strerror if isinstance(failed, OSError) else "is not UTF-8 text"
        raise SettingError("DESK_SYMBOLS_FILE", path, str(why)) from None
    lines = (line.split(COMMENT)[0] for line in text.splitlines())
    cells = (row[0].strip() for row in csv.reader(lines) if row)
    for position, symbol in enumerate(filter(None, cells)):
        is_header = position == 0 and symbol.lower().replace("_", " ") in HEADERS
        if not is_header:
            yield symbol


def _distinct(symbols: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(symbols))
