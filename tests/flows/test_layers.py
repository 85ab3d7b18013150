"""The layers that the flows build in turn are the whole project, each node once."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desk.database import Database
from desk.settings import Settings
from flows.transform import BACKTEST, LAYERS, command_environment


@pytest.mark.slow
def test_each_model_and_test_belongs_to_one_layer(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbt.cli.main import dbtRunner

    settings = Settings(home=tmp_path)
    for name, value in command_environment(settings, database).items():
        monkeypatch.setenv(name, value)
    quiet = ("--log-level", "none", "--log-level-file", "none")
    manifest: Any = dbtRunner().invoke(["parse", *quiet]).result

    def nodes(*selection: str) -> set[str]:
        command = ["ls", "--exclude-resource-type", "unit_test", *selection, *quiet]
        found: Any = dbtRunner(manifest=manifest).invoke(command).result
        return {name for name in found if not name.startswith(("source:", "exposure:"))}

    built = [nodes("--selector", layer) for layer in (*LAYERS, BACKTEST)]

    counted = Counter(name for layer in built for name in layer)
    assert counted == Counter(nodes())
    assert all(built)
