"""Ways in which a vendor's server fails, and manners that don't wait for long."""

import time
from dataclasses import dataclass

from werkzeug import Request, Response

from ingest.sources.vendor import Manners

QUICK = Manners(
    requests_per_minute=10_000,
    parallel_requests=2,
    timeout_seconds=0.3,
    first_wait_seconds=0.0,
)
WEB_PAGE = "<!doctype html><html><body>Will be right back</body></html>"


@dataclass
class Failing:
    """Fails in one way; `times` it fails before it answers, always unless said."""

    how: str
    answer: str = ""
    times: int = 1_000
    asked: int = 0
    retry_after: str = "0"

    def __call__(self, _: Request) -> Response:
        self.asked += 1
        if self.asked > self.times:
            return Response(self.answer, content_type="application/json")
        if self.how == "timeout":
            time.sleep(0.5)
        return {
            "429": Response(
                "Too Many Requests",
                status=429,
                headers={"Retry-After": self.retry_after},
            ),
            "503": Response(WEB_PAGE, status=503),
            "timeout": Response(self.answer),
            "cut short": Response(self.answer[: len(self.answer) // 2]),
            "web page": Response(WEB_PAGE, content_type="text/html"),
            "nothing": Response(""),
            "other json": Response('{"finance": {}}', content_type="application/json"),
        }[self.how]
