"""What Prometheus gets: requests, the feed, and whether the desk is well."""

from time import perf_counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The service's metrics, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "desk_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "desk_request_seconds",
            "From request to the answer's first byte.",
            ["route"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
            registry=self.registry,
        )
        self.clients = Gauge(
            "desk_feed_clients",
            "Clients that follow the live feed.",
            registry=self.registry,
        )
        self.let_go = Counter(
            "desk_feed_let_go",
            "Clients whose feed the desk ended, by close code.",
            ["code"],
            registry=self.registry,
        )
        self.sequence = Gauge(
            "desk_feed_sequence", "Last event of the feed.", registry=self.registry
        )
        self.database_up = Gauge(
            "desk_database_up", "1 if the database answers.", registry=self.registry
        )
        self.sessions_behind = Gauge(
            "desk_sessions_behind",
            "Sessions whose bars are due and not there.",
            registry=self.registry,
        )

    def counted(self, app: ASGIApp) -> ASGIApp:
        """A middleware that counts and times what a route answers."""

        async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            begun = perf_counter()
            route, method = scope["path_template"], scope["method"]

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.requests.labels(method, route, message["status"]).inc()
                    self.seconds.labels(route).observe(perf_counter() - begun)
                await send(message)

            await app(scope, receive, noting)

        return middleware
