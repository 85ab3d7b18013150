"""What the README shows is what the desk prints."""

import io
import re

import pytest
from rich.console import Console

from desk.calendar import desk_clock
from desk.cli import app
from desk.cli_executor import commands as executor_commands
from desk.cli_keeping import commands as keeping_commands
from desk.cli_watching import commands as watching_commands
from desk.database import Database
from desk.settings import PROJECT, Settings
from flows.as_of import moment_of
from flows.stages import FIRST_REPLAY_SESSIONS, STAGES, Desk, run_stage
from flows.summary import read_summary, render_summary, stage_line

README = PROJECT / "README.md"
BLOCK = re.compile(r"(?<=<!-- printed -->\n```\n)(.*?)(?=```\n<!-- end -->)", re.DOTALL)


def without_seconds(text: str) -> str:
    return re.sub(r" \d+\.\d s$", "", text, flags=re.MULTILINE)


def test_the_readme_shows_what_the_first_pass_prints(
    database: Database, settings: Settings, request: pytest.FixtureRequest
) -> None:
    desk = Desk(settings, database, desk_clock(settings), FIRST_REPLAY_SESSIONS)
    output = io.StringIO()
    console = Console(file=output, width=100, highlight=False)
    for stage in STAGES:
        console.print(stage_line(run_stage(stage, desk)), soft_wrap=True)
    console.print()
    console.print(render_summary(read_summary(desk)))
    lines = [line.rstrip() for line in output.getvalue().splitlines()]
    printed = without_seconds("\n".join(lines) + "\n")

    if request.config.getoption("--write-readme"):
        before, _, after = BLOCK.split(README.read_text())
        README.write_text(before + printed + after)

    assert BLOCK.split(README.read_text())[1] == printed


def test_the_readme_names_every_command() -> None:
    text = README.read_text()
    groups = app, executor_commands, keeping_commands, watching_commands
    for command in (c for group in groups for c in group.registered_commands):
        name = command.name or getattr(command.callback, "__name__", "")
        assert f"desk {name}" in text, name


def test_the_readmes_moments_have_prices(built: Database) -> None:
    moments = re.findall(r"--as-of (\d[^ `]*)", README.read_text())
    assert moments
    with built.connect("reader") as conn:
        for moment in moments:
            known = conn.execute(
                "select count(*) from raw.prices_as_of(%s)", [moment_of(moment)]
            ).fetchone()
            assert known != (0,), moment
