"""Write candles.built.js: the charting library, its licence, and candles.js.

`python superset/plugin/build.py`. The library is the file of the npm package
lightweight-charts 5.2.0, dist/lightweight-charts.standalone.production.js, unchanged.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
BUILT = FOLDER / "candles.built.js"


def built() -> str:
    """The asset that the sources give."""
    library = (FOLDER / "vendor" / "lightweight-charts.js").read_text()
    chart = (FOLDER / "candles.js").read_text()
    return f"{library}\n{chart}"


if __name__ == "__main__":
    BUILT.write_text(built())
