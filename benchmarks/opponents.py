"""Packages to compare with, each in an environment of its own, and what they tell."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RIVALS = Path(__file__).parent / "rivals"


def told_by(package: str, script: str, folder: Path, *arguments: object) -> Any:
    """What a script of rivals/ prints last, as JSON.

    Its environment, with the package's newest version, is made by uv in `folder`.
    """
    home = folder / package
    uv = Path(sys.executable).with_name("uv")
    python = home / "bin" / "python"
    for command in (
        ("venv", "--python", sys.executable, str(home)),
        ("pip", "install", "--python", str(python), package),
    ):
        subprocess.run([uv, *command], check=True, capture_output=True)
    done = subprocess.run(
        [python, RIVALS / script, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return json.loads(done.stdout.splitlines()[-1])
