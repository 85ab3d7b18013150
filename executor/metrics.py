"""What `desk execute --watch` tells Prometheus of itself: that it lives, and how."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)

from desk.settings import Settings


class PassMetrics:
    """Counts and times of a process' passes, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._passes = Counter(
            "desk_executor_passes",
            "Passes of the executor, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "desk_executor_pass_seconds",
            "Time a pass takes.",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
            registry=self.registry,
        )
        self._last = Gauge(
            "desk_executor_last_pass_timestamp_seconds",
            "When the last pass ended well.",
            registry=self.registry,
        )

    def ended(self, *, seconds: float, ok: bool) -> None:
        """Take note of a pass; not `ok`: the broker could not be read."""
        self._passes.labels("succeeded" if ok else "failed").inc()
        self._seconds.observe(seconds)
        if ok:
            self._last.set_to_current_time()

    def serve(self, settings: Settings) -> None:
        """Answer on DESK_EXECUTOR_METRICS_PORT, if it is set, in a thread."""
        if settings.executor_metrics_port is not None:
            start_http_server(
                settings.executor_metrics_port,
                addr=settings.host,
                registry=self.registry,
            )

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
