"""Errors a person can act on: one plain sentence, no traceback."""


class DeskError(Exception):
    """Something a run can't go on with; the command ends with exit code 1."""

    exit_code = 1


class SettingError(DeskError):
    """A setting that can't be used, named with its value; exit code 2."""

    exit_code = 2

    def __init__(self, name: str, value: object, reason: str) -> None:
        super().__init__(f"{name}={value}: {reason}")
        self.name = name


class PostgresError(DeskError):
    """The embedded Postgres could not be started; says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the embedded Postgres failed: {reason}")
