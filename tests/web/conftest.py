"""A server of the living page alone, without a database, and a browser to look at it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _clear_caches() -> None:
    """The kit uses no cache: its tests run without the server of one."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """The test's own output is enough."""


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    """The address of a server that shows the living page under the product's own policy and assets."""
    middleware = [
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "csp.middleware.CSPMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ]
    with override_settings(ROOT_URLCONF="web.living_urls", MIDDLEWARE=middleware):
        server = make_server("127.0.0.1", 0, WSGIHandler(), _Server, _Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


class Opened:
    """A page with what its console said."""

    def __init__(self, page: object, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("console", self._heard)  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: self.complaints.append(str(error)))  # type: ignore[attr-defined]

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):  # type: ignore[attr-defined]
            self.complaints.append(message.text)  # type: ignore[attr-defined]

    def go(self, path: str, language: str = "en") -> None:
        glue = "&" if "?" in path else "?"
        self.page.goto(f"{self.address}{path}{glue}lang={language}")  # type: ignore[attr-defined]
        self.page.wait_for_load_state("networkidle")  # type: ignore[attr-defined]


@pytest.fixture
def open_page(kit: str, browser: object) -> Iterator[Callable[..., Opened]]:
    """open_page(path, width=1440, scheme="light", language="en") → Opened."""
    contexts = []

    def open_(path: str, width: int = 1440, scheme: str = "light", language: str = "en") -> Opened:
        context = browser.new_context(  # type: ignore[attr-defined]
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        contexts.append(context)
        opened = Opened(context.new_page(), kit)
        opened.go(path, language)
        return opened

    yield open_
    for context in contexts:
        context.close()
