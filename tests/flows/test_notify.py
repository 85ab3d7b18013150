"""People are told what happens, each thing once, against a local webhook."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from desk.calendar import desk_clock
from desk.database import Database
from desk.errors import DeskError
from desk.settings import Settings
from executor.control import halt
from executor.replay import replay
from flows.notify import KINDS, send_test, tell, telling
from flows.stages import Desk
from ingest.load import load
from tests.conftest import CopyDatabase, url_of

Message = dict[str, Any]


class Webhook:
    """What arrived at a local address, and how it answers."""

    def __init__(self, server: HTTPServer) -> None:
        self.messages: list[Message] = []
        self.status = 200
        self.kills: list[int] = []
        self.url = f"json://{server.host}:{server.port}/hook"
        server.expect_request("/hook").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        if self.status == 200:
            self.messages.append(request.get_json())
        for pid in self.kills:
            os.kill(pid, signal.SIGKILL)
        return Response("", self.status)

    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]


@pytest.fixture
def webhook(httpserver: HTTPServer) -> Iterator[Webhook]:
    yield Webhook(httpserver)
    httpserver.clear()


@pytest.fixture(scope="module")
def traded(
    built: Database, templates: CopyDatabase, built_settings: Settings
) -> Database:
    """Twenty replayed sessions, a halt, and a load that failed for a symbol."""
    database = templates(built)
    clock = desk_clock(built_settings)
    replay(built_settings, database, clock, 20)
    halt(database, "entries", "somebody said so")
    folder = built_settings.home / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bars.csv").write_text(
        "symbol,date,open,high,low,close,volume\nXYZ,2013-02-28,1,1,1,1,1\n"
    )
    broken = built_settings.model_copy(
        update={"price_source": "files", "files_path": folder, "symbols": ("NONE",)}
    )
    with pytest.raises(DeskError):
        load(broken, database, clock)
    return database


@pytest.fixture
def desk(traded: Database, copies: CopyDatabase, settings: Settings) -> Desk:
    return Desk(settings, copies(traded), desk_clock(settings))


def listening(desk: Desk, webhook: Webhook, how: str, *kinds: str) -> Desk:
    chosen: dict[str, Any] = {f"notify_{kind}": how for kind in kinds}
    chosen["notify_urls"] = SecretStr(webhook.url)
    settings = desk.settings.model_copy(update=chosen)
    return Desk(settings, desk.database, desk.clock)


def test_the_desk_is_quiet_by_default(desk: Desk, webhook: Webhook) -> None:
    tell(desk)
    tell(listening(desk, webhook, "off", *KINDS))
    assert webhook.messages == []


def test_every_kind_arrives_once_each_by_itself(desk: Desk, webhook: Webhook) -> None:
    heard = listening(desk, webhook, "immediate", *KINDS)
    tell(heard)
    by_title = {message["title"]: message for message in webhook.messages}

    with desk.database.connect() as conn:
        signals = conn.execute(
            "select side, symbol, strategy, details ->> 'sentence' from trading.signals"
            " where published_at >= %s::timestamptz - interval '7 days'",
            [desk.clock.now],
        ).fetchall()
        blocked = conn.execute(
            "select reason from trading.orders where state = 'blocked'"
            " and created_at >= %s::timestamptz - interval '7 days'",
            [desk.clock.now],
        ).fetchall()
        fills = conn.execute(
            "select from trading.order_events where filled_qty > 0"
            " and happened_at >= %s::timestamptz - interval '7 days'",
            [desk.clock.now],
        ).rowcount
    assert signals
    assert blocked
    pairs = [(message["title"], message["message"]) for message in webhook.messages]
    for side, symbol, strategy, sentence in signals:
        assert (f"Desk: {side} {symbol} ({strategy})", sentence) in pairs
    told = [m["message"] for m in webhook.messages if m["title"].endswith("blocked")]
    assert len(told) == len(blocked)
    assert sum(title.endswith("filled") for title in webhook.titles()) == fills > 0
    assert by_title["Desk: entries halted"]["message"] == "somebody said so"
    assert by_title["Desk: entries halted"]["type"] == "warning"
    assert "NONE" in by_title["Desk: load from files failed"]["message"]
    report = by_title[f"Desk: report of {desk.clock.session}"]
    page = base64.b64decode(report["attachments"][0]["base64"]).decode()
    assert page.count("<svg") > 1
    assert "prefers-color-scheme: dark" in page
    assert len(webhook.messages) == len(signals) + len(blocked) + fills + 3

    tell(heard)
    assert len(webhook.messages) == len(signals) + len(blocked) + fills + 3


def test_a_digest_is_one_message_a_pass(desk: Desk, webhook: Webhook) -> None:
    heard = listening(desk, webhook, "digest", *KINDS)
    with telling(heard):
        assert webhook.messages == []
    (digest,) = webhook.messages
    for kind in KINDS:
        assert kind.replace("_", " ") in digest["title"]
    assert "entries halted: somebody said so" in digest["message"]
    assert digest["attachments"]

    with telling(heard):
        halt(desk.database, "all", "worse")
    assert webhook.titles()[1:] == ["Desk: desk halted"]


def test_what_could_not_be_told_is_told_by_a_later_pass(
    desk: Desk, webhook: Webhook
) -> None:
    heard = listening(desk, webhook, "immediate", "halts")
    webhook.status = 500
    tell(heard)
    assert webhook.messages == []
    webhook.status = 200
    tell(heard)
    tell(heard)
    assert webhook.titles() == ["Desk: entries halted"]


def test_an_address_that_fails_keeps_no_other_from_being_told(
    desk: Desk, webhook: Webhook
) -> None:
    heard = listening(desk, webhook, "immediate", "halts")
    urls = SecretStr(f"json://127.0.0.1:1/nobody nonsense {webhook.url}")
    both = Desk(
        heard.settings.model_copy(update={"notify_urls": urls}),
        heard.database,
        heard.clock,
    )
    tell(both)
    tell(both)
    assert webhook.titles() == ["Desk: entries halted"]


def test_a_failing_pass_is_told_too(desk: Desk, webhook: Webhook) -> None:
    heard = listening(desk, webhook, "immediate", "halts")
    with pytest.raises(DeskError, match="the pass failed"), telling(heard):
        raise DeskError("the pass failed")
    assert webhook.titles() == ["Desk: entries halted"]


def test_old_news_are_no_news(desk: Desk, webhook: Webhook) -> None:
    heard = listening(desk, webhook, "immediate", "signals", "fills", "blocked")
    settings = heard.settings.model_copy(update={"as_of": date(2013, 6, 3)})
    tell(Desk(settings, heard.database, desk_clock(settings)))
    assert webhook.messages == []


@pytest.mark.slow
def test_a_desk_killed_while_it_tells_does_not_tell_again(
    desk: Desk, webhook: Webhook, tmp_path: Path
) -> None:
    """Killed by the webhook itself, when the message is there and unanswered."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("DESK_")},
        "DESK_HOME": str(tmp_path / "home"),
        "DESK_DATABASE_URL": url_of(desk.database),
        "DESK_NOTIFY_URLS": webhook.url,
        "DESK_NOTIFY_HALTS": "immediate",
    }
    command = [str(Path(sys.executable).with_name("desk")), "execute"]
    with subprocess.Popen(command, env=environment) as killed:
        webhook.kills = [killed.pid]
    webhook.kills = []
    assert killed.returncode == -signal.SIGKILL
    assert webhook.titles() == ["Desk: entries halted"]

    done = subprocess.run(command, env=environment, check=True)
    assert done.returncode == 0
    assert webhook.titles() == ["Desk: entries halted"]

    halt(desk.database, "all", "worse")
    subprocess.run(command, env=environment, check=True)
    subprocess.run(command, env=environment, check=True)
    assert webhook.titles() == ["Desk: entries halted", "Desk: desk halted"]
    assert "may not have arrived" in webhook.messages[1]["message"]


def test_a_test_message_says_what_an_address_gets(desk: Desk, webhook: Webhook) -> None:
    assert send_test(listening(desk, webhook, "digest", "fills").settings) == []
    assert "fills digest" in json.dumps(webhook.messages)

    webhook.status = 500
    (failure,) = send_test(listening(desk, webhook, "digest", "fills").settings)
    assert failure.startswith("json: ")
    with pytest.raises(DeskError, match="DESK_NOTIFY_URLS"):
        send_test(desk.settings)
