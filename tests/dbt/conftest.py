"""dbt in this process for the tests of its models."""

from collections.abc import Callable
from typing import Any

import pytest

from desk.database import Database
from desk.settings import Settings
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
