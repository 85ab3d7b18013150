"""Structured logs: events with fields, on standard error."""

import logging
import sys
from typing import TextIO

import structlog

from desk.settings import Settings


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)


_handler = _StandardError()
# Prefect writes its own to standard error already.
_handler.addFilter(lambda record: not record.name.startswith("prefect"))


def configure_logging(settings: Settings) -> None:
    """Send events at or above `DESK_LOG_LEVEL` to standard error, a line each.

    What libraries log comes in the same form, as people or machines read it
    (`DESK_LOG_FORMAT`).
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(default=str)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.addHandler(_handler)  # once, however often it is asked for
    root.setLevel(max(level, logging.WARNING))
