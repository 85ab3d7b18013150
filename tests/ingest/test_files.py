"""Prices from CSV and Parquet files, as vendors write them."""

import bz2
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from desk.calendar import evening_of
from desk.database import Database
from desk.errors import SettingError
from desk.settings import Settings
from ingest.load import LoadReport, load
from ingest.sources import BarLines, Window
from ingest.sources.files import FilesSource
from tests.ingest.conftest import MONDAY, TUESDAY, WEDNESDAY, rows_of

HEADER = "date,open,high,low,close,volume"
BAR = (10.5, 11.0, 10.0, 10.75, 1000.0)
BARS = "select symbol, bar_date, open, high, low, close, volume from raw.raw_prices"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    return folder


class Loader:
    """Loads files as of Wednesday's evening."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    def __call__(self, path: Path, **changes: Any) -> LoadReport:
        settings = self.settings.model_copy(update=changes)
        source = FilesSource(path)
        return load(settings, self.database, evening_of(WEDNESDAY), source=source)

    @property
    def bars(self) -> list[tuple[Any, ...]]:
        return sorted(rows_of(self.database, BARS))


@pytest.fixture
def load_files(settings: Settings, database: Database) -> Loader:
    return Loader(settings, database)


def rows_read(path: Path) -> list[str]:
    """Every row as the lines that go to the database."""
    source = FilesSource(path)
    windows = [
        Window(symbol, date(1970, 1, 1), WEDNESDAY) for symbol in source.universe(())
    ]
    lines = [batch.bars for batch in source.fetch(windows)]
    text = b"".join(given.csv for given in lines if isinstance(given, BarLines))
    return text.decode().splitlines()


VENDORS = {
    "as Yahoo exports": "Date,Open,High,Low,Close,Adj Close,Volume\n"
    "2013-01-07 00:00:00-05:00,10.5,11,10,10.75,9.1,1000\n",
    "as Stooq does": "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"
    "AAPL,D,20130107,000000,10.5,11,10,10.75,1000\n",
    "as Alpha Vantage does": "timestamp,1. open,2. high,3. low,4. close,5. volume\n"
    "2013-01-07,10.5,11,10,10.75,1000\n",
    "as DoltHub does": "date,act_symbol,open,high,low,close,volume\n"
    "2013-01-07,AAPL,10.5,11,10,10.75,1000\n",
    "newest first, close first": '"date","close","volume","open","high","low"\n'
    '"2013/01/07","10.7500","1000.0000","10.5000","11.0","10.0"\n',
    "American dates": f"{HEADER}\n1/7/2013,10.5,11,10,10.75,1000\n",
    "American dates with two digits": f"{HEADER}\n01/07/13,10.5,11,10,10.75,1000\n",
    "day before month": f"{HEADER}\n7/1/2013,10.5,11,10,10.75,1000\n"
    "28/12/2012,10.5,11,10,10.75,1000\n",
    "months by name": f"{HEADER}\n7-Jan-13,10.5,11,10,10.75,1000\n",
    "months first by name": f'{HEADER}\n"Jan 7, 2013",10.5,11,10,10.75,1000\n',
    "epoch seconds": f"{HEADER}\n1357534800,10.5,11,10,10.75,1000\n",
    "epoch milliseconds": f"{HEADER}\n1357516800000,10.5,11,10,10.75,1000\n",
    "semicolons and decimal commas": "Date;Open;High;Low;Close;Volume\n"
    "07.01.2013;10,5;11;10;10,75;1000\n",
    "tabs": f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n".replace(",", "\t"),
    "a byte order mark": f"\ufeff{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n",
    "Windows lines": f"{HEADER}\r\n2013-01-07,10.5,11,10,10.75,1000\r\n",
    "no last line end": f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000",
}


@pytest.mark.parametrize("text", VENDORS.values(), ids=VENDORS.keys())
def test_columns_and_dates_are_recognised(text: str, folder: Path) -> None:
    path = folder / "aapl.csv"
    path.write_text(text, encoding="utf-8")
    assert "AAPL,2013-01-07,10.5,11,10,10.75,1000" in [
        line.replace('"', "") for line in rows_read(path)
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("12/31/68", "2068-12-31"), ("12/31/69", "1969-12-31"), ("1/2/90", "1990-01-02")],
)
def test_years_of_two_digits_turn_at_69(written: str, meant: str) -> None:
    from ingest.sources.dates import recognise

    dates = pa.array([written])
    assert recognise(dates).to_iso(dates).to_pylist() == [meant]


def test_dates_of_a_second_format_are_refused(folder: Path, load_files: Loader) -> None:
    (folder / "AAPL.csv").write_text(
        f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n13-01-09,10.5,11,10,10.75,1000\n"
    )
    report = load_files(folder)
    assert load_files.bars == [("AAPL", MONDAY, *BAR)]
    assert (report.rows_rejected, report.rows_outside) == (1, 0)


@pytest.mark.parametrize(
    ("prices", "volumes", "meant"),
    [
        ("10,5;11;10;10,75", ["250.000", "1.250.000"], [250_000, 1_250_000]),
        ("10.5;11;10;10.75", ["250.000", "1000"], [250, 1000]),
        ("10;11;10;11", ["250.000", "1000"], [1000]),
        ("1.010,5;1.100;1.000;1.010,75", ["250"], [250]),
    ],
)
def test_points_of_thousands_are_told_from_decimal_points(
    prices: str,
    volumes: list[str],
    meant: list[float],
    folder: Path,
    load_files: Loader,
) -> None:
    lines = [f"0{d}.01.2013;{prices};{v}" for d, v in enumerate(volumes, start=7)]
    (folder / "AAPL.csv").write_text("\n".join([HEADER.replace(",", ";"), *lines]))
    report = load_files(folder)
    assert [volume for *_, volume in load_files.bars] == meant
    assert {5 < open_price < 1100 for _, _, open_price, *_ in load_files.bars} == {True}
    assert report.rows_rejected == len(volumes) - len(meant)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([MONDAY]),
        pa.array([datetime(2013, 1, 7)]),  # noqa: DTZ001
        pa.array([datetime(2013, 1, 7, tzinfo=UTC)]),
        pa.array([datetime(2013, 1, 8, 1, tzinfo=UTC)]),  # Monday's evening
        pa.array([datetime(2013, 1, 7, 5, tzinfo=UTC)]).cast(
            pa.timestamp("ns", "America/New_York")
        ),
        pa.array(["2013-01-07"]),
        pa.array([20130107]),
        pa.array([1357534800]),
    ],
)
def test_parquet_dates_of_any_type_fall_on_their_session(
    column: pa.Array, folder: Path
) -> None:
    numbers = {
        name: pa.array([value])
        for name, value in zip(HEADER.split(",")[1:], BAR, strict=True)
    }
    path = folder / "AAPL.parquet"
    pq.write_table(pa.table({"date": column, **numbers}), path)
    assert rows_read(path) == ['"AAPL",2013-01-07,10.5,11,10,10.75,1000']


def test_a_folder_is_read_with_its_folders_and_packed_files(
    folder: Path, load_files: Loader
) -> None:
    (folder / "deep").mkdir()
    text = f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n".encode()
    (folder / "AAPL.csv").write_bytes(text)
    (folder / "deep" / "msft.csv.gz").write_bytes(gzip.compress(text))
    (folder / "deep" / "ibm.txt.bz2").write_bytes(bz2.compress(text))
    (folder / "README.md").write_text("not prices")

    report = load_files(folder)

    assert report.failed_symbols == {}
    assert load_files.bars == [(s, MONDAY, *BAR) for s in ("AAPL", "IBM", "MSFT")]


def test_tickers_that_look_like_other_things_survive_a_csv(
    folder: Path, load_files: Loader
) -> None:
    tickers = ("ALL", "BRK-B", "NAN", "NULL", "ON", "TRUE", "^GSPC", "1E5", "N/A")
    lines = [f"{ticker},2013-01-07,10.5,11,10,10.75,1000" for ticker in tickers]
    (folder / "all.csv").write_text("\n".join([f"symbol,{HEADER}", *lines]))

    load_files(folder / "all.csv")

    assert {symbol for symbol, *_ in load_files.bars} == set(tickers)


def test_bad_rows_are_kept_as_they_were_written(
    folder: Path, load_files: Loader
) -> None:
    (folder / "AAPL.csv").write_text(
        f"{HEADER}\n"
        '11:34,264.50,273.88,262.24,270.49,"4,787,699"\n'
        "2013-01-07,10.5,11,10,10.75,1000\n"
        "2013-01-08,10.5,11,10,10.75\n"
        "2013-01-09,,11,10,nan,1000\n"
    )
    report = load_files(folder / "AAPL.csv")

    assert load_files.bars == [("AAPL", MONDAY, *BAR)]
    assert (report.rows_received, report.rows_rejected) == (4, 3)
    kept = rows_of(
        load_files.database,
        "select received ->> 'bar_date', received ->> 'volume', reasons"
        " from raw.rejected_prices order by 1",
    )
    assert kept[0] == (
        "11:34",
        "4,787,699",
        ["date is not YYYY-MM-DD", "volume is not a number"],
    )
    assert kept[1][:2] == ("2013-01-08,10.5,11,10,10.75", None)
    assert kept[2][2][0] == "open is missing"


def test_only_the_asked_symbols_and_sessions_are_loaded(
    folder: Path, load_files: Loader
) -> None:
    lines = [
        f"{symbol},{day},10.5,11,10,10.75,1000"
        for symbol in ("AAPL", "MSFT", "IBM")
        for day in (MONDAY, TUESDAY, date(2013, 1, 10))
    ]
    (folder / "all.csv").write_text("\n".join([f"ticker,{HEADER}", *lines]))

    report = load_files(folder, symbols=("aapl", "MSFT", "GONE"), since=TUESDAY)

    assert load_files.bars == [(s, TUESDAY, *BAR) for s in ("AAPL", "MSFT")]
    assert (report.rows_received, report.rows_outside) == (2, 4)
    assert "0 rejected, 4 outside the window" in report.said
    assert set(report.failed_symbols) == {"GONE"}
    assert "no rows between 2013-01-08 and 2013-01-09" in report.failed_symbols["GONE"]


def test_a_bad_file_of_a_folder_is_reported_and_stops_no_other(
    folder: Path, load_files: Loader
) -> None:
    (folder / "AAPL.csv").write_text(f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n")
    (folder / "closes.csv").write_text("symbol,date,close\nIBM,2013-01-07,1\n")
    (folder / "empty.csv").touch()
    (folder / "IBM.csv").write_text(f"{HEADER}\n")
    (folder / "latin.csv").write_bytes(f"{HEADER},caf\xe9\n".encode("latin-1"))
    (folder / "broken.parquet").write_bytes(b"PAR1 and no more")

    report = load_files(folder)

    assert len(load_files.bars) == 1
    failed = report.failed_symbols
    assert failed["closes.csv"] == (
        "no column for open and high and low and volume; found symbol, date, close; "
        "needed symbol, date, open, high, low, close, volume "
        "(symbol may be the file's name)"
    )
    assert failed["empty.csv"] == "is empty"
    assert failed["latin.csv"] == "is not UTF-8 text"
    assert "no rows between" in failed["IBM"]
    assert set(failed) == {
        *("closes.csv", "empty.csv", "latin.csv", "broken.parquet", "IBM")
    }


def refusals(folder: Path) -> Iterator[tuple[Path | None, str]]:
    yield None, "DESK_FILES_PATH=: the source files needs"
    yield folder / "nowhere", "there is no such file or folder"
    yield folder, "no CSV or Parquet file in it"


def test_a_path_without_prices_is_refused(folder: Path) -> None:
    for path, said in refusals(folder):
        with pytest.raises(SettingError, match=said):
            FilesSource(path).universe(())
    odd = folder / "odd.csv"
    odd.write_text("a,b\n1,2\n")
    with pytest.raises(SettingError, match=r"odd\.csv: no column for date and open"):
        FilesSource(odd).universe(())


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["someday,10.5,11,10,10.75,1000"], "dates such as 'someday' are in no known"),
        (
            [f"2013-01-07 {hour:02}:00,10.5,11,10,10.75,1000" for hour in range(9, 16)],
            "has 7 bars on 1 days in its first 7 rows; the desk takes daily bars",
        ),
    ],
)
def test_a_file_of_other_dates_is_refused(
    rows: list[str], said: str, folder: Path, load_files: Loader
) -> None:
    (folder / "AAPL.csv").write_text("\n".join([HEADER, *rows]))
    (folder / "MSFT.csv").write_text(f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n")
    report = load_files(folder)
    assert said in report.failed_symbols["AAPL"]
    assert len(load_files.bars) == 1


def test_corporate_actions_are_read_from_a_file_beside_the_prices(
    folder: Path, load_files: Loader
) -> None:
    prices = folder / "AAPL.csv"
    prices.write_text(f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n")
    (folder / "actions.csv").write_text(
        "symbol,ex_date,kind,value\n"
        "AAPL,1/8/2013,split,4\nAAPL,1/9/2013,dividend,0.5\nAAPL,1/9/2013,spinoff,1\n"
        "IBM,1/9/2013,dividend,1\n"
    )
    for path in (prices, folder):
        report = load_files(path)
    assert (report.actions_same, report.actions_rejected) == (2, 1)
    assert rows_of(
        load_files.database,
        "select symbol, ex_date, kind, value from raw.corporate_actions order by 2",
    ) == [("AAPL", TUESDAY, "split", 4), ("AAPL", WEDNESDAY, "dividend", 0.5)]


ACTIONS = "symbol,ex_date,kind,value"
STORED_ACTIONS = "select symbol, ex_date, kind, value from raw.corporate_actions"


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (f"{ACTIONS}\nAAPL,someday,split,4\n".encode(), "dates such as 'someday'"),
        (f"{ACTIONS}\nAAPL,2013-01-08,caf\xe9,4\n".encode("latin-1"), "not UTF-8"),
        (f"{ACTIONS},caf\xe9\nAAPL,2013-01-08,split,4,1\n".encode("latin-1"), "UTF-8"),
    ],
)
@pytest.mark.parametrize("symbols", [(), ("AAPL",)])
def test_bad_corporate_actions_are_reported_and_stop_no_prices(
    actions: bytes,
    said: str,
    symbols: tuple[str, ...],
    folder: Path,
    load_files: Loader,
) -> None:
    (folder / "AAPL.csv").write_text(f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n")
    (folder / "actions.csv").write_bytes(actions)

    report = load_files(folder, symbols=symbols)

    assert load_files.bars == [("AAPL", MONDAY, *BAR)]
    assert report.failed_symbols.keys() == {"actions.csv"}
    assert said in report.failed_symbols["actions.csv"]


@pytest.mark.parametrize("name", ["", "actions.csv"])
def test_corporate_actions_without_prices_are_refused(name: str, folder: Path) -> None:
    (folder / "actions.csv").write_text(f"{ACTIONS}\nAAPL,2013-01-08,split,4\n")
    with pytest.raises(SettingError, match="corporate actions, but no prices"):
        FilesSource(folder / name).universe(())


def test_beside_a_file_only_files_named_actions_are_read(
    folder: Path, load_files: Loader
) -> None:
    prices = folder / "AAPL.csv"
    prices.write_text(f"{HEADER}\n2013-01-07,10.5,11,10,10.75,1000\n")
    (folder / "old").mkdir()
    for value, name in enumerate(
        ("transactions.csv", "old/my_actions.csv", "my_actions.csv"), start=2
    ):
        (folder / name).write_text(f"{ACTIONS}\nAAPL,2013-01-08,split,{value}\n")

    load_files(prices)

    assert rows_of(load_files.database, STORED_ACTIONS) == [
        ("AAPL", TUESDAY, "split", 4)
    ]


def test_symbols_are_the_same_in_any_case_and_with_spaces(
    folder: Path, load_files: Loader
) -> None:
    (folder / "all.csv").write_text(
        f"symbol,{HEADER}\n"
        "aapl,2013-01-07,10.5,11,10,10.75,1000\n"
        " AAPL,2013-01-08,10.5,11,10,10.75,1000\n"
    )
    (folder / "actions.csv").write_text(f"{ACTIONS}\naapl ,2013-01-08,split,4\n")

    report = load_files(folder, symbols=("aapl",))

    assert load_files.bars == [("AAPL", day, *BAR) for day in (MONDAY, TUESDAY)]
    assert report.symbols == ["AAPL"]
    assert rows_of(load_files.database, STORED_ACTIONS) == [
        ("AAPL", TUESDAY, "split", 4)
    ]


def test_rows_go_to_the_database_typed_where_all_of_a_batch_can(folder: Path) -> None:
    good, bad = folder / "GOOD.csv", folder / "BAD.csv"
    good.write_text(f"{HEADER}\n2013-01-07,10.5,11,10,,1000\n")
    bad.write_text(f"{HEADER}\n2013-01-07,10.5,11,10,x,1000\n")
    window = [Window("GOOD", MONDAY, MONDAY), Window("BAD", MONDAY, MONDAY)]
    typed = {
        batch.symbols[0]: batch.bars.is_typed
        for batch in FilesSource(folder).fetch(window)
        if isinstance(batch.bars, BarLines)
    }
    assert typed == {"GOOD": True, "BAD": False}
