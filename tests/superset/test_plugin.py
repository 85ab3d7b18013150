"""The candlestick chart's asset: built from what is here, with its licence."""

import importlib.util
from hashlib import sha256
from pathlib import Path

from desk.settings import PROJECT

PLUGIN = PROJECT / "superset" / "plugin"
# dist/lightweight-charts.standalone.production.js of lightweight-charts 5.2.0 on npm.
LIBRARY = "c0992580867c4912cc9385b3c2728315bcc1a76c7f1087dca908430fccdf31d7"


def test_the_asset_is_what_the_source_builds() -> None:
    spec = importlib.util.spec_from_file_location("build", PLUGIN / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert Path(build.BUILT).read_text() == build.built()


def test_the_library_is_the_makers_own_with_licence_and_attribution() -> None:
    library = (PLUGIN / "vendor" / "lightweight-charts.js").read_bytes()
    asset = (PLUGIN / "candles.built.js").read_text()
    assert sha256(library).hexdigest() == LIBRARY
    assert "Licensed under Apache License 2.0" in asset[:400]
    assert "attributionLogo: true" in asset
    assert "Apache License" in (PLUGIN / "vendor" / "LICENSE").read_text()
