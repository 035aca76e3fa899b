"""A receiver of webhooks for tests: it keeps what comes, and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.waiting import wait_until


@dataclass
class Receiver:
    """parcels: (payload, signature), in the order in which they came; addressed: (Host header, path) of each.

    answers: statuses to give, then 200.
    """

    url: str = ""
    parcels: list[tuple[str, str]] = field(default_factory=list)
    addressed: list[tuple[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, count: int) -> list[tuple[str, str]]:
        wait_until(lambda: len(self.parcels) >= count, f"{count} deliveries")
        return self.parcels


@contextmanager
def receiving() -> Iterator[Receiver]:
    """It answers at once, as long as `gate` is set."""
    receiver = Receiver()
    receiver.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            payload = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.addressed.append((self.headers["Host"], self.path))
            receiver.parcels.append((payload, self.headers["Stripe-Signature"]))
            receiver.gate.wait(30)
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
