"""A parent like `desk up`, over small services: HOME, then COMMAND and PORT pairs.

Each command's port is the one it answers on; prints what `desk up` would print.
"""

import shlex
import sys
from pathlib import Path

from desk.errors import DeskError
from desk.services import Service
from desk.settings import Settings
from desk.up import run_services


def main(home: str, *pairs: str) -> int:
    """Keep the services up; the exit code of `desk up`."""
    kept = tuple(
        Service(f"service{port}", tuple(shlex.split(command)), int(port), "/", port)
        for command, port in zip(pairs[::2], pairs[1::2], strict=True)
    )
    try:
        run_services(
            Settings(home=Path(home)),
            lambda addresses: print("ready", *addresses.values(), flush=True),
            kept,
        )
    except DeskError as error:
        print(f"desk: {error}", flush=True)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
