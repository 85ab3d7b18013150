"""Superset over the desk: what is in it, who may do what, and the way of the files."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

from desk.superset import READ_TIMEOUT_SECONDS, prepare
from flows.dashboard_assets import ASSETS, as_yaml, read_bundle
from flows.dashboards import is_pushed, pull, push
from tests.superset.conftest import Dashboards

pytestmark = pytest.mark.slow

KINDS = ("database", "dataset", "chart", "dashboard")
LISTS = {kind: f"/api/v1/{kind}/?q=(page_size:200)" for kind in KINDS}


def everything(admin: httpx.Client) -> dict[str, dict[str, int]]:
    """The id of each thing by its uuid, by kind."""
    found = {}
    for kind, path in LISTS.items():
        rows: list[dict[str, Any]] = admin.get(path).json()["result"]
        found[kind] = {
            row.get("uuid")
            or admin.get(f"/api/v1/{kind}/{row['id']}").json()["result"]["uuid"]: row[
                "id"
            ]
            for row in rows
        }
    return found


def chart_named(client: httpx.Client, name: str) -> dict[str, Any]:
    rows = client.get(LISTS["chart"]).json()["result"]
    (row,) = (row for row in rows if row["slice_name"] == name)
    return dict(row)


def test_a_second_push_changes_nothing_and_leaves_alone_what_people_made(
    dashboards: Dashboards, admin: httpx.Client
) -> None:
    model = chart_named(admin, "Equity")
    made = admin.post(
        "/api/v1/chart/",
        json={
            "slice_name": "Made by hand",
            "viz_type": "table",
            "params": '{"viz_type": "table"}',
            "datasource_id": model["datasource_id"],
            "datasource_type": "table",
        },
    )
    by_hand = f"/api/v1/chart/{made.json()['id']}"
    before, kept = everything(admin), admin.get(by_hand).json()["result"]

    prepare(dashboards.settings, dashboards.database)
    push(dashboards.settings, dashboards.database)

    assert is_pushed(dashboards.settings)
    assert everything(admin) == before
    after = admin.get(by_hand).json()["result"]
    assert (after["slice_name"], after["params"]) == ("Made by hand", kept["params"])
    admin.delete(by_hand)


def test_a_pull_of_what_was_pushed_changes_no_file(
    dashboards: Dashboards, tmp_path: Path
) -> None:
    shutil.copytree(ASSETS, tmp_path / "assets")
    assert pull(dashboards.settings, dashboards.database, tmp_path / "assets") == []


def test_a_pull_writes_what_was_changed_in_the_browser_and_a_push_takes_it_back(
    dashboards: Dashboards, admin: httpx.Client, tmp_path: Path
) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(ASSETS, folder)
    chart = chart_named(admin, "Mean slippage")
    answer = admin.put(
        f"/api/v1/chart/{chart['id']}", json={"slice_name": "Slippage, on average"}
    )
    assert answer.is_success

    changed = pull(dashboards.settings, dashboards.database, folder)
    now = read_bundle(folder)["charts/mean_slippage.yaml"]
    push(dashboards.settings, dashboards.database)

    assert changed == ["charts/mean_slippage.yaml"]
    before = read_bundle()["charts/mean_slippage.yaml"]
    assert now == before | {"slice_name": "Slippage, on average"}
    assert chart_named(admin, "Mean slippage")["id"] == chart["id"]


def test_the_files_are_written_as_a_pull_writes_them() -> None:
    for path, asset in read_bundle().items():
        assert (ASSETS / path).read_text() == as_yaml(asset), path


def test_the_viewer_sees_these_dashboards_and_may_change_nothing(
    admin: httpx.Client, viewer: httpx.Client
) -> None:
    hidden = admin.post(
        "/api/v1/dashboard/", json={"dashboard_title": "Hidden", "published": True}
    ).json()["id"]
    chart = chart_named(admin, "Equity")["id"]

    seen = viewer.get(LISTS["dashboard"]).json()["result"]
    refused = [
        viewer.get("/api/v1/database/1/schemas/"),
        viewer.get(f"/api/v1/dashboard/{hidden}"),
        viewer.put(f"/api/v1/chart/{chart}", json={"slice_name": "Mine"}),
        viewer.post("/api/v1/dashboard/", json={"dashboard_title": "Mine"}),
        viewer.delete(f"/api/v1/dashboard/{seen[0]['id']}"),
        viewer.post(
            "/api/v1/sqllab/execute/", json={"database_id": 1, "sql": "select 1"}
        ),
        viewer.get("/api/v1/security/users/"),
    ]
    admin.delete(f"/api/v1/dashboard/{hidden}")

    titles = {row["dashboard_title"] for row in seen}
    assert titles == {"Desk today", "Symbol", "Strategies", "Execution", "Data"}
    assert not any(answer.is_success for answer in refused)
    assert chart_named(admin, "Equity")["id"] == chart


def test_nobody_without_an_account_sees_anything(dashboards: Dashboards) -> None:
    with httpx.Client(base_url=dashboards.superset.url, trust_env=False) as nobody:
        for path in ("/api/v1/chart/", "/api/v1/dashboard/", "/api/v1/dataset/"):
            shown = nobody.get(path)
            assert shown.status_code in (401, 403) or shown.json()["count"] == 0
        assert nobody.get("/superset/dashboard/today/").status_code == 302


def test_superset_reads_through_a_login_that_can_only_read(
    dashboards: Dashboards,
) -> None:
    url = make_url(dashboards.superset.reader_uri)
    login = {"user": url.username, "password": url.password, "dbname": url.database}
    conninfo = make_conninfo(**{k: str(v) for k, v in (url.query | login).items()})
    with psycopg.connect(conninfo, autocommit=True) as conn:
        timeout = conn.execute("show statement_timeout").fetchone()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            conn.execute("delete from raw.raw_prices")
        conn.execute("set default_transaction_read_only = off")
        for statement in (
            "delete from raw.raw_prices",
            "set role desk_owner",
            "select pg_read_file('/etc/passwd')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)
    assert timeout == (f"{READ_TIMEOUT_SECONDS}s",)


def test_no_statement_that_writes_gets_past_superset(admin: httpx.Client) -> None:
    database = admin.get(LISTS["database"]).json()["result"][0]["id"]
    for statement in ("delete from raw.raw_prices", "set role desk_owner"):
        answer = admin.post(
            "/api/v1/sqllab/execute/", json={"database_id": database, "sql": statement}
        )
        assert not answer.is_success
