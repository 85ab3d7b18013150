"""dbt in this process for the tests of its models."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flows.parsed
from desk.database import Database
from desk.settings import Settings
from flows.parsed import DBT_PROJECT
from flows.transform import command_environment

Dbt = Callable[..., Any]


@pytest.fixture(scope="module")
def dbt(built: Database, built_settings: Settings) -> Dbt:
    """dbt in this process, as a command in the desk's environment would run."""
    from dbt.cli.main import dbtRunner

    quiet = ("--log-level", "none", "--log-level-file", "none")

    def run(*arguments: str, manifest: Any = None) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in command_environment(built_settings, built).items():
                patch.setenv(name, value)
            done = dbtRunner(manifest=manifest).invoke([*arguments, *quiet])
        if done.exception is not None:
            # An inline query's own error is the context of dbt's.
            raise done.exception.__context__ or done.exception
        return done.result

    return run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project, which the desk builds for the length of a test."""
    copied = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, copied, symlinks=True)
    packages = copied / "dbt_packages"
    shutil.rmtree(packages, ignore_errors=True)
    packages.mkdir()
    (packages / "indicators").symlink_to(copied / "indicators")
    monkeypatch.setattr(flows.parsed, "DBT_PROJECT", copied)
    return copied
