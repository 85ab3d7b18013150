"""dbt in this process: the models, their tests and their documentation."""

import gc
import hashlib
import json
import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from desk.database import Database
from desk.errors import DeskError
from desk.longer_bars import refresh_longer_bars
from desk.postgres import postgres_programs
from desk.settings import PROJECT, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

log = structlog.get_logger()
DBT_PROJECT = PROJECT / "dbt_project"
SHOWN_FAILURES = 5

# What the flow `transform` builds in turn, and the flow `backtest` after it: the
# selectors of those names in dbt_project/selectors.yml.
LAYERS = ("staging", "intermediate", "strategies", "marts")
BACKTEST = "backtest"

NodeSeen = Callable[[str, str], None]  # (model or test, its status)
_kept_manifests: dict[str, "Manifest"] = {}


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
    if full_refresh or _code_of_the_last_build(database) != _code():
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


def compiled(settings: Settings, database: Database, jinja: str) -> str:
    """Jinja of the project, which may refer to its models, as SQL."""
    arguments = ["compile", "--inline", jinja, "--no-populate-cache"]
    try:
        return str(_invoke(settings, database, arguments, None)[0].node.compiled_code)
    except DeskError:
        _tidy_up_after_inline()
        raise


def _tidy_up_after_inline() -> None:
    """An inline query that fails leaves its node and dbt's threads behind."""
    from dbt.graph.thread_pool import DbtThreadPool

    for manifest in _kept_manifests.values():
        manifest.nodes.pop("sql_operation.desk.inline_query", None)
    for pool in gc.get_objects():
        if isinstance(pool, DbtThreadPool):
            pool.terminate()


def document(settings: Settings, database: Database) -> tuple[Path, bool]:
    """dbt's documentation as one page, and whether it was written now.

    Written again only when the project has changed: it takes some seconds.
    """
    page = settings.home / "dbt" / "docs" / f"{_hash(_files())}.html"
    if page.exists():
        return page, False
    _invoke(settings, database, ["docs", "generate", "--static"])
    page.parent.mkdir(parents=True, exist_ok=True)
    for old in page.parent.glob("*.html"):
        old.unlink()
    (settings.home / "dbt" / "target" / "static_index.html").replace(page)
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
) -> Any:
    from dbt.cli.main import dbtRunner  # 2 s of import

    manifest = parse(settings, database)
    with _environment(database):
        runner = dbtRunner(
            manifest=manifest,
            callbacks=[_node_reporter(on_node)] if on_node else [],
        )
        done = _run(runner, [*arguments, *_flags(settings)])
    if done.exception is not None:
        raise DeskError(f"dbt failed: {_one_line(str(done.exception))}")
    return done.result


def parse(settings: Settings, database: Database) -> "Manifest":
    """The project as dbt understands it; kept until one of its files changes.

    Kept in the home as well: dbt takes a second to see that nothing has changed.
    """
    key = _project_key(settings)
    kept = settings.home / "dbt" / "target" / "manifest.pickle"
    if key not in _kept_manifests:
        manifest = _read_manifest(kept, key)
        if manifest is None:
            manifest = _parse_anew(settings, database)
            _keep_manifest(kept, key, manifest)
        _kept_manifests[key] = manifest
    manifest = _kept_manifests[key]
    _point_at(manifest, database.parameters["dbname"])
    return manifest


def _parse_anew(settings: Settings, database: Database) -> "Manifest":
    from dbt.cli.main import dbtRunner

    with _environment(database):
        parsed = _run(dbtRunner(), ["parse", *_flags(settings)])
    if not parsed.success:
        raise DeskError(f"dbt can't read the project: {parsed.exception}")
    return parsed.result  # type: ignore[return-value]


def _project_key(settings: Settings) -> str:
    """Everything a manifest depends on, as a hash."""
    given = [
        json.dumps(variables(settings)),
        *(version(package) for package in ("dbt-core", "dbt-postgres")),
        sys.version,
        _hash([*_files(), *sorted(DBT_PROJECT.glob("*.yml"))]),
    ]
    return hashlib.sha256("\n".join(given).encode()).hexdigest()


def _read_manifest(kept: Path, key: str) -> "Manifest | None":
    """The manifest that was kept, if it is one of this key."""
    from dbt.contracts.graph.manifest import Manifest

    if not kept.exists():
        return None
    try:
        kept_key, parts = pickle.loads(kept.read_bytes())  # noqa: S301  our own
        return Manifest(**parts) if kept_key == key else None
    except Exception as broken:  # noqa: BLE001  a damaged pickle may raise anything
        log.warning("kept_manifest_is_damaged", file=str(kept), why=str(broken))
        return None


def _keep_manifest(kept: Path, key: str, manifest: "Manifest") -> None:
    """Part by part: pickled whole, dbt 1.11 mixes up some of them."""
    names = (field.name for field in fields(manifest) if field.name[0] != "_")
    parts = {name: getattr(manifest, name) for name in names}
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{os.getpid()}")
    draft.write_bytes(pickle.dumps((key, parts)))
    draft.replace(kept)


def _point_at(manifest: "Manifest", name: str) -> None:
    """A manifest holds the database's name; its address is read each time."""
    for node in (*manifest.nodes.values(), *manifest.sources.values()):
        if node.relation_name:
            _, _, relation = node.relation_name.partition(".")
            node.relation_name = f'"{name}".{relation}'
        node.database = name


def _flags(settings: Settings) -> list[str]:
    return [
        *("--project-dir", str(DBT_PROJECT)),
        *("--profiles-dir", str(DBT_PROJECT)),
        *("--target-path", str(settings.home / "dbt" / "target")),
        *("--log-path", str(settings.home / "dbt" / "logs")),
        *("--threads", str(settings.threads)),
        *("--vars", json.dumps(variables(settings))),
        *("--log-level", "none", "--log-level-file", "info"),
    ]


def variables(settings: Settings) -> dict[str, Any]:
    """What dbt is given: settings that the figures depend on, and the code."""
    return {
        "borrow_bps": float(settings.borrow_bps),
        "code": _code(),
        "commission_bps": float(settings.commission_bps),
        "commission_minimum": float(settings.commission_minimum),
        "commission_per_share": float(settings.commission_per_share),
        "git_commit": git_commit(),
        "max_positions": settings.max_positions,
        "position_weight": float(settings.position_weight),
        "slippage_bps": float(settings.slippage_bps),
        "starting_cash": float(settings.starting_cash),
        "strategy_parameters": settings.strategy_parameters,
        "whole_shares": settings.whole_shares,
    }


def _files() -> list[Path]:
    folders = ("models", "macros", "indicators", "tests")
    return sorted(
        path
        for folder in folders
        for path in (DBT_PROJECT / folder).rglob("*")
        if path.suffix in (".sql", ".yml", ".md")
    )


# Stored rows are only as good as the code that made them, and a changed macro leaves
# no trace in them; so dbt notes the code of a whole build (macro forget_changes).


def _code() -> str:
    """A hash of the SQL that stored rows are made with."""
    return _hash(
        path for path in _files() if path.suffix == ".sql" and "tests" not in path.parts
    )


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(str(path.relative_to(DBT_PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def git_commit() -> str | None:
    """The commit whose SQL this is; None outside of git or with changes of its own."""
    git = ("git", "-C", str(DBT_PROJECT))
    try:
        run = partial(subprocess.run, capture_output=True, check=True, text=True)
        if run([*git, "status", "--porcelain", "--", "."]).stdout:
            return None
        return str(run([*git, "rev-parse", "HEAD"]).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return None


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


@contextmanager
def _environment(database: Database) -> Iterator[None]:
    """dbt reads its connection from the environment; put it back afterwards."""
    before = dict(os.environ)
    os.environ.update(database.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _run(runner: "dbtRunner", arguments: Sequence[str]) -> "dbtRunnerResult":
    """One invocation, its log file closed afterwards (dbt leaves it open)."""
    try:
        return runner.invoke(list(arguments))
    finally:
        for handler in logging.getLogger("file_log").handlers:
            handler.close()


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
        "DBT_TARGET_PATH": str(settings.home / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.home / "dbt" / "logs"),
    }
