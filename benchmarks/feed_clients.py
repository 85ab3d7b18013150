"""Many WebSocket clients in one process: when each event reached each of them.

    python -m benchmarks.feed_clients PORT KEY CLIENTS EVENTS

Prints `ready` when all follow, and in the end a line of JSON: by sequence, the wall
clock at which each client had it. Frames are taken apart by hand, because 1,000 clients
of a library would need more of the machine than the service.
"""

import asyncio
import json
import re
import sys
import time
from collections import defaultdict

SEQUENCE = re.compile(rb'"sequence":(\d+),"kind":"signals"')


class Client(asyncio.Protocol):
    """Follows the feed, and notes when an event came."""

    def __init__(self, key: str, seen: "Seen") -> None:
        self._key, self._seen = key, seen
        self._buffer = bytearray()
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        lines = (
            "GET /ws?kinds=signals HTTP/1.1",
            "Host: localhost",
            f"X-API-Key: {self._key}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        transport.write("\r\n".join((*lines, "", "")).encode())

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._buffer += data
        if not self._is_open:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise RuntimeError(head.decode())
            self._is_open, self._buffer = True, bytearray(rest)
            self._seen.open += 1
        while (length := self._frame()) is not None:
            if said := SEQUENCE.search(self._buffer, 0, length):
                self._seen.at[int(said[1])].append(now)
                self._seen.events += 1
            del self._buffer[:length]

    def _frame(self) -> int | None:
        """The length of the first frame, if all of it is there."""
        if len(self._buffer) < 4:
            return None
        size = self._buffer[1]
        start = 2
        if size == 126:
            size, start = int.from_bytes(self._buffer[2:4], "big"), 4
        return size + start if len(self._buffer) >= size + start else None


class Seen:
    """What all clients of the process have had."""

    def __init__(self) -> None:
        self.open = self.events = 0
        self.at: defaultdict[int, list[float]] = defaultdict(list)


async def main(port: int, key: str, clients: int, events: int) -> None:
    seen = Seen()
    loop = asyncio.get_running_loop()
    for _ in range(clients):
        await loop.create_connection(lambda: Client(key, seen), "127.0.0.1", port)
    while seen.open < clients:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    print("ready", flush=True)
    deadline = time.monotonic() + 120
    wanted = clients * events
    while seen.events < wanted and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    print(json.dumps(seen.at), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
