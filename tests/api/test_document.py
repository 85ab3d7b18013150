"""The OpenAPI document: true, complete, and good enough to make a client from."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Service

BIN = Path(sys.executable).parent
USE_CLIENT = """
import datetime
from desk_client import AuthenticatedClient
from desk_client.api.market import bars_symbol_bars
from desk_client.api.signals import latest_latest
client = AuthenticatedClient("http://127.0.0.1:{port}", "{key}")
latest = latest_latest.sync(client=client, limit=3)
print(len(latest.signals), latest.signals[0].details.sentence)
bars = bars_symbol_bars.sync("AAPL", client=client, from_=datetime.date(2013, 3, 1))
print(bars[0].close, bars[0].bar_date)
"""


def test_schemathesis_finds_nothing_that_the_document_does_not_say(
    full_service: Service, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{full_service.port}/schema/openapi.json"
    command = [
        str(BIN / "schemathesis"),
        *("run", url, "--header", f"X-API-Key: {full_service.control_key}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "10"),
        *("--generation-deterministic", "--no-color", "--warnings", "off"),
    ]
    hooks = {
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | hooks,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout
    tested = re.search(r"Tested: (\d+)", done.stdout)
    document = full_service.get("/schema/openapi.json").json()
    operations = [one for path in document["paths"].values() for one in path]
    assert tested is not None, done.stdout
    assert int(tested[1]) == len(operations) > 20


def test_a_client_made_from_the_document_works(
    full_service: Service, tmp_path: Path
) -> None:
    document = tmp_path / "openapi.json"
    document.write_bytes(full_service.get("/schema/openapi.json").content)
    config = tmp_path / "config.yml"
    config.write_text("package_name_override: desk_client\npost_hooks: []\n")
    made = subprocess.run(
        [
            str(BIN / "openapi-python-client"),
            *("generate", "--path", str(document), "--meta", "none"),
            *("--output-path", str(tmp_path / "desk_client")),
            *("--config", str(config), "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    script = USE_CLIENT.format(port=full_service.port, key=full_service.key)
    used = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"NO_PROXY": "*"},
        capture_output=True,
        text=True,
    )
    assert used.returncode == 0, used.stderr
    (sentence,) = [
        signal["details"]["sentence"]
        for signal in full_service.ask("/latest?limit=1")["signals"]
    ]
    assert used.stdout == f"3 {sentence}\n430.47 2013-03-01\n"


def test_every_field_and_parameter_says_what_it_is(service: Service) -> None:
    document = service.get("/schema/openapi.json").json()
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (path, parameter["name"])
            if path not in ("/health/live", "/health/ready"):
                assert operation["security"] == [{"key": []}, {"bearer": []}], path
    bar = document["components"]["schemas"]["Bar"]["properties"]
    assert "US dollars" in bar["close"]["description"]
    assert bar["close"]["examples"]


@pytest.mark.parametrize("path", ["/docs", "/docs/start.js", "/schema"])
def test_the_page_loads_nothing_from_elsewhere(service: Service, path: str) -> None:
    text = service.get(path).text
    links = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", text)
    for link in links:
        assert link.startswith("/"), link
        served = service.get(link)
        assert served.status_code == 200, link
        assert served.content, link
