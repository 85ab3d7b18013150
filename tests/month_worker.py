"""Passes of a desk in processes of their own, forked from one that has read dbt's
project: `desk run` without its seconds of start-up, and without the backtest, which
each build makes from nothing.

`python -m tests.month_worker HOME DAY` does a first pass on the evening of DAY, then
one for each further day on standard input: it prints the pid, and how that ended.
"""

import os
import sys
import threading
import traceback
from datetime import date
from pathlib import Path

from tqdm import tqdm

from desk.calendar import desk_clock
from desk.database import open_database
from desk.log import configure_logging
from desk.settings import Settings
from flows import stages
from flows.stages import Desk, one_at_a_time, run_stage
from flows.transform import build

FIRST_BAR = date(2011, 6, 1)
LAYERS = [
    f"path:models/{folder}"
    for folder in ("staging", "intermediate", "strategies", "marts", "restatements")
]


def month_settings(home: Path, day: date) -> Settings:
    return Settings(
        home=home, as_of=day, since=FIRST_BAR, position_weight="0.3", log_level="error"
    )


def transform(desk: Desk) -> str:
    """dbt, but for the backtest."""
    return build(desk.settings, desk.database, select=LAYERS).said


STAGES = (
    stages.load,
    stages.gate,
    transform,
    stages.replay,
    stages.publish,
    stages.execute,
)


def one_pass(home: Path, day: date) -> None:
    """What `desk run` does, but for the backtest."""
    settings = month_settings(home, day)
    configure_logging(settings)
    with open_database(settings) as database, one_at_a_time(database):
        desk = Desk(settings, database, desk_clock(settings))
        for stage in STAGES:
            run_stage(stage, desk)


def main(home: Path, first_day: date) -> None:
    one_pass(home, first_day)
    alone = threading.active_count() == 1
    print("ready" if alone else f"threads: {threading.enumerate()}", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                one_pass(home, date.fromisoformat(line.strip()))
                code = 0
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            finally:
                os._exit(code)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    tqdm.monitor_interval = 0  # no thread beside a fork
    Settings.model_config["env_file"] = None
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
