"""The dashboards' way into Superset and back: push and pull."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from desk.database import Database
from desk.errors import DeskError
from desk.services import service_environment
from desk.settings import Settings
from desk.superset import PUSHED, Superset, superset_of
from flows.dashboard_assets import (
    ASSETS,
    Bundle,
    Model,
    as_yaml,
    completed,
    model_name,
    models_of,
    read_bundle,
    read_zip,
    write_zip,
)
from flows.dashboard_check import exposures, problems
from flows.dashboard_pull import pulled
from flows.parsed import DBT_PROJECT, parse

if TYPE_CHECKING:
    from supersetapiclient.client import SupersetClient

EXPOSURES = DBT_PROJECT / "models" / "dashboards" / "exposures.yml"
EXPOSURES_URL = "http://127.0.0.1:8088"
VIEWER_ROLE = "Desk viewer"
PASSWORD_MASK = "XXXXXXXXXX"  # noqa: S105


def check(settings: Settings, database: Database, folder: Path = ASSETS) -> list[str]:
    """What the dashboards name and dbt doesn't know, a sentence each."""
    bundle = read_bundle(folder)
    found = problems(bundle, models_of(parse(settings, database)))
    written = EXPOSURES.read_text() if EXPOSURES.exists() else ""
    if not found and written != as_yaml(exposures(bundle, EXPOSURES_URL)):
        found.append(f"{EXPOSURES}: not what the dashboards read; see --write")
    return found


def write_exposures(folder: Path = ASSETS) -> None:
    """The dashboards as dbt's exposures, so that its lineage ends in them."""
    EXPOSURES.write_text(as_yaml(exposures(read_bundle(folder), EXPOSURES_URL)))


def push(settings: Settings, database: Database, folder: Path = ASSETS) -> str:
    """The files into Superset, whole; what is there under the same uuid is replaced.

    Nothing is deleted, and what isn't in the files isn't touched. Raises `DeskError`
    naming the first column that doesn't exist, or Superset's own reason.
    """
    bundle = read_bundle(folder)
    models = models_of(parse(settings, database))
    if found := problems(bundle, models):
        raise DeskError("; ".join(found))
    superset = superset_of(settings, database)
    with _client(settings, superset) as client:
        _import(client, _ready(bundle, models, superset), superset)
        _open_to_viewers(client, bundle)
    _pushed_file(settings).write_text(_digest())
    kinds = ("dashboards", "charts", "datasets")
    return ", ".join(f"{len(list(bundle.of(kind)))} {kind}" for kind in kinds)


def is_pushed(settings: Settings) -> bool:
    """Whether Superset has these files already: what was changed there since stays."""
    file = _pushed_file(settings)
    return file.exists() and file.read_text() == _digest()


def pull(settings: Settings, database: Database, folder: Path = ASSETS) -> list[str]:
    """What was changed in Superset into the files; their names.

    Takes the dashboards that have a file with all their charts and datasets. The
    files of what is no longer there go.
    """
    models = models_of(parse(settings, database))
    superset = superset_of(settings, database)
    with _client(settings, superset) as client:
        answer = client.get(client.assets.export_url)
        _raise_for(answer)
    before = read_bundle(folder)
    after = pulled(read_zip(answer.content), before, models)
    changed = sorted(
        path for path in {*before, *after} if before.get(path) != after.get(path)
    )
    for path in changed:
        if path in after:
            (folder / path).write_text(as_yaml(after[path]))
        else:
            (folder / path).unlink()
    _pushed_file(settings).write_text(_digest())
    return changed


def _ready(bundle: Bundle, models: Mapping[str, Model], superset: Superset) -> Bundle:
    """The files with dbt's columns and the database's address."""
    address = make_url(superset.reader_uri).set(password=PASSWORD_MASK)
    where = {"sqlalchemy_uri": address.render_as_string(hide_password=False)}
    return Bundle(
        {
            path: completed(asset, models[model_name(asset)])
            if path.startswith("datasets/")
            else asset | where
            if path.startswith("databases/")
            else asset
            for path, asset in bundle.items()
        }
    )


# Superset's interface ------------------------------------------------------------


@contextmanager
def _client(settings: Settings, superset: Superset) -> Iterator["SupersetClient"]:
    """The admin's session; oauthlib wants to be told that plain http is meant."""
    import requests
    from supersetapiclient.client import SupersetClient

    before = dict(os.environ)
    os.environ.update(service_environment(settings))
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    try:
        client = SupersetClient(superset.url, "admin", superset.admin_password)
        with client.session:
            yield client
    except requests.ConnectionError:
        raise DeskError(
            f"Superset doesn't answer at {superset.url}; desk serve starts it"
        ) from None
    except requests.HTTPError as refused:
        raise DeskError(f"Superset refused: {refused}") from None
    finally:
        os.environ.clear()
        os.environ.update(before)


def _import(client: "SupersetClient", bundle: Bundle, superset: Superset) -> None:
    password = make_url(superset.reader_uri).password
    passwords = {path: password for path, _ in bundle.of("databases")}
    answer = client.post(
        client.assets.import_url,
        files={"bundle": ("desk.zip", write_zip(bundle), "application/zip")},
        data={"passwords": json.dumps(passwords)},
        headers={"Accept": "application/json"},
    )
    _raise_for(answer)


def _open_to_viewers(client: "SupersetClient", bundle: Bundle) -> None:
    """An import can't say who may see a dashboard."""
    asked = {"filters": [{"col": "name", "opr": "eq", "value": VIEWER_ROLE}]}
    roles = client.get(
        client.join_urls(client.base_url, "security/roles/"),
        params={"q": json.dumps(asked)},
    )
    _raise_for(roles)
    (viewer,) = (role["id"] for role in roles.json()["result"])
    for _, board in bundle.of("dashboards"):
        where = client.join_urls(client.base_url, "dashboard", board["slug"])
        found = client.get(where)
        _raise_for(found)
        shown = found.json()["result"]
        if [role["id"] for role in shown["roles"]] != [viewer]:
            where = client.join_urls(client.base_url, "dashboard", shown["id"])
            _raise_for(client.put(where, json={"roles": [viewer]}))


def _raise_for(answer: Any) -> None:
    if not answer.ok:
        raise DeskError(f"Superset refused ({answer.status_code}): {answer.text[:500]}")


# What was pushed -------------------------------------------------------------------


def _pushed_file(settings: Settings) -> Path:
    return settings.home / PUSHED


def _digest() -> str:
    """A hash of all that a push sends."""
    digest = sha256()
    models = (DBT_PROJECT / "models").rglob("*.yml")
    for file in sorted([*ASSETS.rglob("*.yaml"), *models]):
        digest.update(file.read_bytes())
    return digest.hexdigest()
