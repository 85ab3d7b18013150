"""The engines beside Postgres, and what each needs on this machine."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Literal

from desk.errors import DeskError
from desk.settings import PROJECT

Engine = Literal["postgres", "duckdb", "spark"]

DBT_OF_SPARK = PROJECT / ".venv-spark" / "bin" / "dbt"


def dbt_of(engine: Engine) -> Path:
    """The dbt that knows the engine; raises `DeskError` if something is missing."""
    if engine == "spark":
        if not DBT_OF_SPARK.exists():
            raise DeskError("--engine spark needs its environment: make spark")
        if not os.environ.get("JAVA_HOME") and which("java") is None:
            raise DeskError("--engine spark needs a Java, 17 or newer")
        return DBT_OF_SPARK
    if engine == "duckdb" and find_spec("duckdb") is None:
        raise DeskError("--engine duckdb needs its extra: pip install 'desk[duckdb]'")
    return Path(sys.executable).with_name("dbt")
