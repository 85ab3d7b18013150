"""One database server for all tests; each test gets its own copy of a database."""

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import hypothesis
import pytest
from dbt_common.behavior_flags import BehaviorFlagRendered
from hypothesis import HealthCheck
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

import flows.parsed
from desk.calendar import Clock, desk_clock
from desk.database import Database
from desk.migrate import migrate
from desk.postgres import embedded_server
from desk.settings import Settings
from flows.parsed import DBT_PROJECT
from flows.transform import build
from ingest.load import load

MEMORY = Path("/dev/shm")  # noqa: S108
GIVEN_SERVER = os.environ.get("DESK_DATABASE_URL")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make readme` writes what the pages show; otherwise it is compared."""
    parser.addoption("--write-readme", action="store_true")
    parser.addoption(
        "--quick",
        action="store_true",
        help="leave slow tests out, and of many cases in one test try one in eight",
    )
    parser.addoption("--rival-seconds", default="8", help="how long executors race")
    parser.addoption("--long", action="store_true", help="a month of kills, too")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile(
        "desk",
        max_examples=32 // _one_in(config),
        deadline=None,
        # A fixture's database serves all examples: each empties it first.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
        ],
    )
    hypothesis.settings.load_profile("desk")


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if config.getoption("--quick"):
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session")
def one_in(request: pytest.FixtureRequest) -> int:
    """Of a test's many cases one in so many is tried: with `--quick` not all."""
    return _one_in(request.config)


def _one_in(config: pytest.Config) -> int:
    return 8 if config.getoption("--quick") else 1


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests run in one process; those that look at one Superset, too."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(("tests/superset/test_browser", "tests/superset/test_su")):
            return "tests/superset"
        return str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadFileScheduling | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> Iterator[None]:
    """The tests' settings are theirs alone, whatever the shell or .env says."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in os.environ:
            if variable.startswith("DESK_"):
                patch.delenv(variable)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _dbt_does_not_read_the_stack() -> Iterator[None]:
    """Each invocation looks up the source of all callers, eight times.

    It is after a module's name for a warning; under xdist that takes longer than what
    most invocations are for.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            BehaviorFlagRendered, "_default_source", staticmethod(lambda: "dbt")
        )
        yield


@pytest.fixture(scope="session")
def shared_home() -> Iterator[Path]:
    """A home in memory or /tmp that goes away with the test run, even a killed one.

    Each test's copy of a database are some 300 files, which a disk may take longer to
    make and to forget than the test takes.
    """
    is_roomy = MEMORY.exists() and shutil.disk_usage(MEMORY).free > 6 * 2**30
    home = Path(mkdtemp(prefix="desk-tests-", dir=MEMORY if is_roomy else None))
    home.chmod(0o711)
    cleaner = subprocess.Popen(
        [
            "/bin/sh",
            "-c",
            'cat > /dev/null; while kill -0 "$(cat "$1/postgres/keeper.lock")"; '
            'do sleep 0.2; done 2> /dev/null; rm -rf -- "$1"',
            "cleaner",
            str(home),
        ],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    yield home
    if cleaner.stdin is not None:
        cleaner.stdin.close()
    # Not waited for: the server stops when this process has let go of it.
    cleaner.returncode = 0


@pytest.fixture(scope="session")
def server(shared_home: Path) -> Iterator[Database]:
    """The server all tests share: DESK_DATABASE_URL's, or an embedded one."""
    if GIVEN_SERVER is not None:
        given = conninfo_to_dict(GIVEN_SERVER)
        yield Database({key: str(value) for key, value in given.items()})
        return
    with embedded_server(shared_home) as folder:
        server = Database(
            {"host": str(folder), "user": "postgres", "dbname": "postgres"}
        )
        with server.connect(autocommit=True) as admin:
            for durable in ("fsync", "full_page_writes"):
                admin.execute(f"alter system set {durable} = off")
            admin.execute("select pg_reload_conf()")
        yield server


CopyDatabase = Callable[[Database | None], Database]


@contextmanager
def database_copies(server: Database) -> Iterator[CopyDatabase]:
    """A function that copies a database (None: an empty one); all are dropped."""
    made: list[str] = []
    with server.connect(autocommit=True) as admin:

        def copy(template: Database | None) -> Database:
            name = f"desk_test_{uuid.uuid4().hex[:12]}"
            source = template.parameters["dbname"] if template else "template1"
            admin.execute(
                sql.SQL("create database {} template {} strategy file_copy").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )
            made.append(name)
            return Database({**server.parameters, "dbname": name})

        yield copy
        for name in made:
            admin.execute(
                sql.SQL("drop database if exists {} with (force)").format(
                    sql.Identifier(name)
                )
            )


@pytest.fixture(scope="session")
def templates(server: Database) -> Iterator[CopyDatabase]:
    """Copies that live as long as the test run."""
    with database_copies(server) as copy:
        yield copy


@pytest.fixture
def copies(server: Database) -> Iterator[CopyDatabase]:
    """Copies that live as long as the test."""
    with database_copies(server) as copy:
        yield copy


@pytest.fixture(scope="session")
def migrated(templates: CopyDatabase) -> Database:
    """Template: migrations only. Read it, copy it, never write to it."""
    database = templates(None)
    migrate(database)
    return database


@pytest.fixture
def database(migrated: Database, copies: CopyDatabase) -> Database:
    """A migrated database of the test's own, without rows."""
    return copies(migrated)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Default settings with a home of the test's own."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def clock(settings: Settings) -> Clock:
    """The evening of the sample's last session."""
    return desk_clock(settings)


@pytest.fixture(scope="session")
def built_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings `built` was made with."""
    return Settings(home=tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def built(
    migrated: Database, templates: CopyDatabase, built_settings: Settings
) -> Database:
    """Template: the whole sample, loaded and built. Read it, never write to it."""
    database = templates(migrated)
    load(built_settings, database, desk_clock(built_settings))
    build(built_settings, database)
    return database


def url_of(database: Database) -> str:
    """A database as DESK_DATABASE_URL, for processes of their own."""
    given = dict(database.parameters)
    name = given.pop("dbname")
    query = "&".join(f"{key}={value}" for key, value in given.items())
    return f"postgresql:///{name}?{query}"


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
