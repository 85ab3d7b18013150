"""Prometheus gets what the tables hold, and all that dashboard and alerts ask for."""

import json
import re
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import Metrics
from desk.calendar import desk_clock
from desk.database import Database
from desk.metrics import HELP, exposition, read_figures
from desk.settings import PROJECT, Settings
from executor.metrics import PassMetrics
from executor.replay import replay
from flows.diary import noted
from tests.conftest import CopyDatabase, url_of
from tests.dbt.rows import rows_of
from tests.processes import PYTHON, environment, free_port

MONITORING = PROJECT / "monitoring"
NAME = re.compile(r"\bdesk_[a-z_]+\b")

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def replayed(
    built: Database, built_settings: Settings, templates: CopyDatabase
) -> Database:
    """Some sessions walked, so that there are signals, orders and fills."""
    database = templates(built)
    clock = desk_clock(built_settings)
    replay(built_settings, database, clock, 20)
    with noted(database, "build", clock.session) as say:
        say("built")
    return database


def samples(text: bytes) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def given(database: Database) -> Samples:
    with database.connect("reader") as conn:
        return samples(exposition(read_figures(conn)))


def test_the_metrics_are_what_the_tables_hold(replayed: Database) -> None:
    found = given(replayed)

    (bars,) = rows_of(replayed, "select count(*)::int as bars from raw.raw_prices")
    assert found["desk_loaded_bars_total", (("outcome", "new"),)] == bars["bars"]
    orders = rows_of(
        replayed,
        "select account_id, state, count(*)::int as orders from trading.orders"
        " group by account_id, state",
    )
    assert {row["state"] for row in orders} >= {"blocked", "filled"}
    for row in orders:
        labels = (("account", row["account_id"]), ("state", row["state"]))
        assert found["desk_orders", labels] == row["orders"]
    signals = rows_of(replayed, "select from trading.signals")
    counted = [v for (name, _), v in found.items() if name == "desk_signals_total"]
    assert sum(counted) == len(signals)
    (slippage,) = rows_of(
        replayed,
        "select avg(slippage_bps)::float as bps from trading.fill_quality"
        " where side = 'buy' and fill_session > date '2013-03-01' - 30",
    )
    bought = (("account", "sim:desk"), ("side", "buy"))
    assert found["desk_slippage_bps", bought] == pytest.approx(slippage["bps"])
    close = 1362171600  # 2013-03-01, 16:00 in New York
    assert found["desk_last_bar_timestamp_seconds", ()] == close
    assert 0 <= found["desk_stage_seconds", (("stage", "build"),)] < 60
    assert found["desk_halted", (("scope", "all"),)] == 0


def test_trouble_shows(replayed: Database, copies: CopyDatabase) -> None:
    database = copies(replayed)
    session = desk_clock(Settings()).session
    with pytest.raises(ValueError, match="no"), noted(database, "build", session):
        raise ValueError("no")
    with database.connect() as conn:
        conn.execute("update trading.control set kill = 'entries', reason = 'test'")
        conn.execute("update raw.ingest_runs set gate_outcome = 'failed'")
        conn.execute("set session_replication_role = replica")
        conn.execute(
            "update trading.orders set state = 'submitting', broker_order_id = null,"
            " filled_qty = 0 where state = 'filled'"
        )
        unknown = conn.execute(
            "select count(*) from trading.orders where state = 'submitting'"
        ).fetchone()

    found = given(database)

    assert found["desk_stage_failing", (("stage", "build"),)] == 1
    assert found["desk_stage_seconds", (("stage", "build"),)] >= 0
    assert found["desk_halted", (("scope", "entries"),)] == 1
    assert found["desk_gate_passed", ()] == 0
    assert unknown is not None
    assert found["desk_orders_unknown", ()] == unknown[0] > 0


def test_a_desk_without_anything_still_answers(database: Database) -> None:
    found = given(database)

    assert found["desk_orders_unknown", ()] == 0
    assert found["desk_halted", (("scope", "all"),)] == 0


def test_dashboard_and_alerts_ask_only_for_metrics_that_are_given(
    replayed: Database,
) -> None:
    passes = PassMetrics()
    passes.ended(seconds=0.1, ok=True)
    names = {name for name, _ in given(replayed) | samples(passes.exposition())}
    assert names >= HELP.keys()
    names |= names_of_the_api()

    for file in ("dashboard.json", "alerts.yml"):
        asked = set(NAME.findall((MONITORING / file).read_text()))
        assert len(asked) > 5
        assert asked <= names, f"{file}: {sorted(asked - names)}"


def names_of_the_api() -> set[str]:
    named = [(family.name, family.type) for family in Metrics().registry.collect()]
    ending = {"counter": "_total", "histogram": "_bucket"}
    return {name + ending.get(kind, "") for name, kind in named}


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    told = json.loads((MONITORING / "dashboard.json").read_text())

    assert told["uid"] == "desk"
    assert [variable["type"] for variable in told["templating"]["list"]] == [
        "datasource"
    ]
    panels = told["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 8
    for panel in panels:
        assert panel["title"]
        assert panel["targets"]
        assert all(target["expr"] for target in panel["targets"])
        assert panel["datasource"]["uid"] == "${datasource}"
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24


def test_every_alert_says_what_to_do() -> None:
    text = (MONITORING / "alerts.yml").read_text()
    (group,) = yaml.safe_load(text)["groups"]

    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
    for rule in group["rules"]:
        assert rule["expr"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "action"}


def test_the_figures_may_be_read_from_outside_the_desk(replayed: Database) -> None:
    # The statement has no parameters, so that the API's own pool can run it.
    statement = (Path(PROJECT) / "desk" / "sql" / "metrics.sql").read_text()
    rows = rows_of(replayed, statement)
    assert {row["metric"] for row in rows} == HELP.keys()


def test_the_watching_executor_answers_on_a_port_of_its_own() -> None:
    port = free_port()
    passes = PassMetrics()
    passes.serve(Settings(executor_metrics_port=port))
    passes.ended(seconds=0.2, ok=True)
    passes.ended(seconds=0.3, ok=False)

    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        found = samples(answer.read())

    assert found["desk_executor_passes_total", (("outcome", "succeeded"),)] == 1
    assert found["desk_executor_passes_total", (("outcome", "failed"),)] == 1
    assert found["desk_executor_pass_seconds_count", ()] == 2


def test_the_command_prints_what_the_api_gives(
    replayed: Database, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url=url_of(replayed))
    done = subprocess.run(
        [*PYTHON, "desk", "metrics"], env=environment(settings), capture_output=True
    )

    assert done.returncode == 0, done.stderr
    printed = samples(done.stdout)
    assert printed.keys() == given(replayed).keys()
