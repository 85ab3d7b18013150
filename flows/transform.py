"""dbt in this process: the models, their tests and their documentation."""

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.database import Database
from desk.errors import DeskError
from desk.importing import importing
from desk.longer_bars import refresh_longer_bars
from desk.postgres import postgres_programs
from desk.settings import Settings
from flows.engines import Engine
from flows.parsed import (
    DBT_PROJECT,
    code_hash,
    environment_for,
    flags,
    hash_of,
    kept_manifests,
    parse,
    project_files,
    run_dbt,
    target_path,
)

SHOWN_FAILURES = 5

# What the flow `transform` builds in turn, and the flow `backtest` after it: the
# selectors of those names in dbt_project/selectors.yml.
LAYERS = ("staging", "intermediate", "strategies", "marts")
BACKTEST = "backtest"

NodeSeen = Callable[[str, str], None]  # (model or test, its status)


@dataclass(frozen=True, slots=True)
class Node:
    """A model or test that dbt ran: `status` and `message` are dbt's words."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one `dbt build` did: models built, tests passed, seconds taken."""

    models: int
    tests: int
    seconds: float

    @property
    def said(self) -> str:
        """The report as a line."""
        return f"{self.models} models built, {self.tests} tests passed"


def build(
    settings: Settings,
    database: Database,
    *,
    select: Sequence[str] = (),
    layer: str | None = None,
    full_refresh: bool = False,
    unit_tests: bool = False,
    on_node: NodeSeen | None = None,
    on_done: Callable[[Sequence[Node]], None] = lambda _: None,
) -> BuildReport:
    """Build and test the models (all, a `layer`, or dbt's `select`).

    Prices and indicators are calculated anew only from each symbol's earliest change
    on, unless `full_refresh` or other code than the last build's asks for all.
    `unit_tests` too: they judge the code, not the data, so a daily build goes without.
    `on_done` gets every node that ran, also when some failed.

    Raises `DeskError` naming the models and tests that failed, with why.
    """
    started = time.monotonic()
    refresh_longer_bars(database)
    arguments = ["build", "--no-write-json"]
    if select:
        arguments += ["--select", *select]
    if layer:
        arguments += ["--selector", layer]
    if full_refresh or _code_of_the_last_build(database) != code_hash():
        arguments += ["--full-refresh"]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    results = list(_invoke(settings, database, arguments, on_node))
    on_done([_node(result) for result in results])
    failed = [r for r in results if r.status in ("error", "fail", "runtime error")]
    if failed:
        told = [f"{r.node.name}: {_one_line(r.message)}" for r in failed]
        more = f" (+{len(told) - SHOWN_FAILURES} more)" * (len(told) > SHOWN_FAILURES)
        raise DeskError(f"dbt build failed: {'; '.join(told[:SHOWN_FAILURES])}{more}")
    kinds = [str(r.node.resource_type) for r in results]
    return BuildReport(
        models=kinds.count("model"),
        tests=kinds.count("test") + kinds.count("unit_test"),
        seconds=time.monotonic() - started,
    )


def compiled(
    settings: Settings, database: Database, jinja: str, engine: Engine = "postgres"
) -> str:
    """Jinja of the project, which may refer to its models, as SQL."""
    arguments = ["compile", "--inline", jinja, "--no-populate-cache"]
    try:
        done = _invoke(settings, database, arguments, engine=engine)
        return str(done[0].node.compiled_code)
    except DeskError:
        _tidy_up_after_inline()
        raise


def _tidy_up_after_inline() -> None:
    """An inline query that fails leaves its node and dbt's threads behind."""
    from dbt.graph.thread_pool import DbtThreadPool

    for manifest in kept_manifests.values():
        manifest.nodes.pop("sql_operation.desk.inline_query", None)
    for pool in gc.get_objects():
        if isinstance(pool, DbtThreadPool):
            pool.terminate()


def document(settings: Settings, database: Database) -> tuple[Path, bool]:
    """dbt's documentation as one page, and whether it was written now.

    Written again only when the project has changed: it takes some seconds.
    """
    page = settings.home / "dbt" / "docs" / f"{hash_of(project_files())}.html"
    if page.exists():
        return page, False
    _invoke(settings, database, ["docs", "generate", "--static"])
    page.parent.mkdir(parents=True, exist_ok=True)
    for old in page.parent.glob("*.html"):
        old.unlink()
    (target_path(settings) / "static_index.html").replace(page)
    return page, True


def _node(result: Any) -> Node:
    return Node(
        name=str(result.node.name),
        kind=str(result.node.resource_type),
        status=str(result.status),
        seconds=float(result.execution_time),
        message=_one_line(result.message),
    )


def _invoke(
    settings: Settings,
    database: Database,
    arguments: Sequence[str],
    on_node: NodeSeen | None = None,
    engine: Engine = "postgres",
) -> Any:
    with importing():  # 2 s, and the manifest comes to stay as well
        from dbt.cli.main import dbtRunner

        manifest = parse(settings, database, engine)
    with environment_for(database):
        runner = dbtRunner(
            manifest=manifest,
            callbacks=[_node_reporter(on_node)] if on_node else [],
        )
        done = run_dbt(runner, [*arguments, *flags(settings, engine)])
    if done.exception is not None:
        if _is_interrupted(done.exception):
            raise KeyboardInterrupt
        raise DeskError(f"dbt failed: {_one_line(str(done.exception))}")
    return done.result


def _is_interrupted(failed: BaseException | None) -> bool:
    """Whether Ctrl-C is behind it: dbt may fail at ending its own statements."""
    return failed is not None and (
        isinstance(failed, KeyboardInterrupt)
        or _is_interrupted(failed.__cause__ or failed.__context__)
    )


def _code_of_the_last_build(database: Database) -> str | None:
    with database.connect("dbt") as conn:
        row = conn.execute(
            "select obj_description('intermediate'::regnamespace, 'pg_namespace')"
        ).fetchone()
    return row[0] if row else None


def _node_reporter(on_node: NodeSeen) -> Callable[[Any], None]:
    def report(event: Any) -> None:
        if event.info.name == "NodeFinished":
            node = event.data.node_info
            on_node(node.node_name, node.node_status)

    return report


def _one_line(message: str | None) -> str:
    return " ".join((message or "no reason given").split())


def command_environment(
    settings: Settings, database: Database, program: str = "psql"
) -> dict[str, str]:
    """Variables with which a program finds database and project.

    dbt is found beside this Python, psql in the wheel of the embedded server if the
    machine has none. Sessions begin with the reader's rights; dbt's profile takes its
    own role, and without it, in hooks, the account's as in `build`.
    """
    path = (
        str(Path(sys.executable).parent),
        os.environ.get("PATH", os.defpath),
        str(postgres_programs(settings.pg_bin)),
    )
    role = "none" if Path(program).name == "dbt" else "desk_reader"
    return database.environment() | {
        "PATH": os.pathsep.join(path),
        "PGOPTIONS": f"-c role={role}",
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(target_path(settings)),
        "DBT_LOG_PATH": str(settings.home / "dbt" / "logs"),
    }
