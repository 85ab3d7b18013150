"""Who gets in: every route, every kind of key, and nothing said to who doesn't."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.app import create_app
from desk.database import Database
from desk.keys import make_key, revoke_key
from desk.settings import PROJECT, Settings
from tests.api.conftest import CLIENT, Service, serving
from tests.conftest import CopyDatabase
from tests.processes import within

OPEN = {"/health/live", "/health/ready"}
CONTROL = {"/halt", "/resume"}


def routes(database: Database, home: Path) -> list[tuple[str, str]]:
    """Every path the application knows, with each method it takes."""
    app = create_app(Settings(home=home), database)
    return [
        (route.path, method)
        for route in app.routes
        for method in sorted(getattr(route, "methods", ()) or {"WS"})
        if method != "OPTIONS"
    ]


def is_open(path: str) -> bool:
    return path in OPEN or path.startswith(("/schema", "/docs"))


def knocked(service: Service, method: str, path: str, **headers: str) -> httpx.Response:
    path = re.sub(r"\{[^}]*\}", "x", path)
    if method != "WS":
        return service.request(method, path, **headers)
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    return service.get(path, **handshake, **headers)


@pytest.fixture(scope="module")
def revoked(service: Service) -> str:
    key = make_key(service.database, "revoked", "control")
    assert within(5, lambda: service.get("/latest", **bearer(key)).status_code == 200)
    revoke_key(service.database, service.settings.home, "revoked")
    assert within(5, lambda: service.get("/latest", **bearer(key)).status_code == 401)
    return key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_every_route_but_health_and_docs_wants_a_key(
    service: Service, revoked: str, tmp_path: Path
) -> None:
    known = routes(service.database, tmp_path)
    assert len(known) > 25
    strangers: list[dict[str, str]] = [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "wrong"},
        {"X-API-Key": revoked},
        bearer("wrong"),
        bearer(revoked),
        {"Authorization": "Bearer"},
        {"Authorization": "Basic d3Jvbmc6"},
        {"Sec-WebSocket-Protocol": "desk, desk.key.wrong"},
    ]
    for path, method in known:
        answers = [knocked(service, method, path, **headers) for headers in strangers]
        if is_open(path):
            assert not {401, 403} & {a.status_code for a in answers}, path
            continue
        said = {(a.status_code, a.content, headers_of(a)) for a in answers}
        assert len(said) == 1, (path, said)
        assert answers[0].status_code == 401, path
        assert answers[0].json() == {"status_code": 401, "detail": "Unauthorized"}


def headers_of(answered: httpx.Response) -> frozenset[tuple[str, str]]:
    return frozenset((k, v) for k, v in answered.headers.items() if k != "date")


def test_a_key_to_read_opens_everything_but_the_controls(
    service: Service, tmp_path: Path
) -> None:
    for path, method in routes(service.database, tmp_path):
        if method == "WS" or path == "/events":
            continue
        status = knocked(service, method, path, **bearer(service.key)).status_code
        assert (status == 403) == (path in CONTROL), (path, status)
        assert status != 401, path


@given(
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80),
    path=st.sampled_from(["/latest", "/signals", "/halt", "/ws", "/events"]),
)
def test_no_made_up_key_opens_a_door(service: Service, key: str, path: str) -> None:
    method = {"/halt": "POST", "/ws": "WS"}.get(path, "GET")
    assert knocked(service, method, path, **{"X-API-Key": key}).status_code == 401


def test_the_key_opens_in_either_header_and_as_a_subprotocol(service: Service) -> None:
    assert service.get("/latest", **{"X-API-Key": service.key}).status_code == 200
    assert service.get("/latest", **bearer(service.key)).status_code == 200
    offered = f"desk, desk.key.{service.key}"
    accepted = knocked(service, "WS", "/ws", **{"Sec-WebSocket-Protocol": offered})
    assert accepted.status_code == 101
    assert accepted.headers["Sec-WebSocket-Protocol"] == "desk"


def test_a_revoked_key_ends_the_feeds_that_it_opened(service: Service) -> None:
    key = make_key(service.database, "short-lived", "read")
    assert within(5, lambda: service.get("/latest", **bearer(key)).status_code == 200)
    with service.listen(**bearer(key)) as client:
        revoke_key(service.database, service.settings.home, "short-lived")
        assert within(
            5, lambda: service.get("/latest", **bearer(key)).status_code == 401
        )
        service.publish("AFTER")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4001


def test_halt_and_resume_over_the_api_turn_the_kill_switch(service: Service) -> None:
    control = bearer(service.control_key)
    asked = {"scope": "entries", "reason": "earnings tonight"}
    halted = service.request("POST", "/halt", json=asked, **control)
    assert halted.json() == {"kill": "entries", "reason": "earnings tonight"}
    assert service.ask("/account")["control"] == halted.json()
    resumed = service.request("POST", "/resume", **control)
    assert resumed.json() == {"kill": "off", "reason": None}


def test_the_log_names_the_key_that_halted_and_never_shows_one(
    service: Service,
) -> None:
    service.request("POST", "/halt", json={}, **bearer(service.control_key))
    service.request("POST", "/resume", **bearer(service.control_key))
    service.get(f"/latest?api_key={service.key}", **bearer("not-this-one-either"))
    log = (service.settings.home / "api.log").read_text()
    assert "control_used" in log
    assert "key=control" in log
    for key in (service.key, service.control_key, "not-this-one-either"):
        assert key not in log


def test_the_connections_that_read_can_not_write(service: Service) -> None:
    with service.database.connect("reader") as conn:
        held = conn.execute(
            "select 1 from (values ('insert'), ('update'), ('delete'), ('truncate'))"
            " as rights (name), pg_class where relkind = 'r'"
            " and relnamespace::regnamespace::text in"
            " ('raw', 'trading', 'staging', 'intermediate', 'marts', 'migrations')"
            " and has_table_privilege('desk_reader', pg_class.oid, rights.name)"
        )
        assert held.fetchall() == []
        seen = conn.execute(
            "select has_table_privilege('desk_reader', 'trading.api_keys', 'select')"
        ).fetchone()
        assert seen == (False,)


def test_no_statement_of_the_api_is_put_together_from_what_clients_say() -> None:
    folder = PROJECT / "api" / "sql"
    names = [file.stem for file in folder.glob("*.sql") if "{" in file.read_text()]
    assert names == ["indicators"]  # columns that the catalogue has


def test_answers_carry_headers_that_close_doors(service: Service) -> None:
    for path in ("/health/live", "/latest", "/no-such-route", "/docs"):
        headers = service.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers


def test_a_large_body_is_refused(service: Service) -> None:
    asked = {"reason": "x" * 50_000}
    refused = service.request(
        "POST", "/halt", json=asked, **bearer(service.control_key)
    )
    assert refused.status_code == 413


@pytest.mark.parametrize("opening", ["[", '{"reason":'])
def test_a_body_nested_too_deeply_is_refused(service: Service, opening: str) -> None:
    body = opening * (15_000 // len(opening))
    headers = {"Content-Type": "application/json", **bearer(service.control_key)}
    url = f"http://127.0.0.1:{service.port}/halt"
    refused = CLIENT.post(url, content=body, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["detail"] == "the body is nested too deeply"


def test_a_failure_tells_the_client_nothing_of_the_inside(service: Service) -> None:
    rename = "alter table trading.published_sessions rename {} to {}"
    with service.database.connect(autocommit=True) as conn:
        conn.execute(rename.format("session_date", "gone"))
        try:
            failed = service.get("/latest", **bearer(service.key))
        finally:
            conn.execute(rename.format("gone", "session_date"))
    assert failed.status_code == 500
    assert failed.json() == {"status_code": 500, "detail": "Internal Server Error"}


@pytest.fixture(scope="module")
def strict(
    templates: CopyDatabase,
    migrated: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A service that answers ten times a minute, and one other origin."""
    yield from serving(
        templates(migrated),
        tmp_path_factory.mktemp("strict"),
        api_requests_per_minute=10,
        api_origins=("https://desk.example",),
    )


def test_one_key_that_asks_too_often_waits_and_others_do_not(strict: Service) -> None:
    if time.time() % 60 > 55:
        time.sleep(6)  # the minute's turn would begin a new count
    key = make_key(strict.database, "busy", "read")
    assert within(5, lambda: strict.get("/metrics", **bearer(key)).status_code == 200)
    statuses = [strict.get("/latest", **bearer(key)).status_code for _ in range(12)]
    assert statuses[-2:] == [429, 429]
    refused = strict.get("/latest", **bearer(key))
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert strict.get("/latest", **bearer(strict.control_key)).status_code == 200


def test_pages_of_other_origins_are_let_in_only_where_they_may(strict: Service) -> None:
    key = make_key(strict.database, "pages", "read")
    assert within(5, lambda: strict.get("/latest", **bearer(key)).status_code == 200)
    friend, stranger = "https://desk.example", "https://evil.example"
    allowed = strict.get("/latest", Origin=friend, **bearer(key))
    assert allowed.headers["Access-Control-Allow-Origin"] == friend
    refused = strict.get("/latest", Origin=stranger, **bearer(key))
    assert "Access-Control-Allow-Origin" not in refused.headers
    with strict.listen(Origin=friend, **bearer(key)):
        pass
    with strict.listen(Origin=f"http://127.0.0.1:{strict.port}", **bearer(key)):
        pass
    with pytest.raises(InvalidStatus) as closed:
        strict.listen(Origin=stranger, **bearer(key))
    assert closed.value.response.status_code == 403
    assert json.loads(closed.value.response.body)["detail"] == "Not from this origin."
