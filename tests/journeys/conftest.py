"""A server of the whole product over committed workspaces, and a browser that signs in."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from tests.tenants.console.conftest import live_operator  # noqa: F401


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Each request begins outside any scope, and leaves no connection behind."""
        contextvars.Context().run(super().process_request_thread, request, client_address)
        connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """The test's own output is enough."""


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a server of every workspace."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page_of(browser: object, server: int, client_of: Callable) -> Iterator[Callable]:
    """page_of(workspace, user) → a page signed in as the user. Fails the test on any console error."""
    contexts: list[object] = []
    complaints: list[str] = []

    def open_page(workspace: object, user: object) -> object:
        cookie = client_of(workspace, user).cookies[settings.SESSION_COOKIE_NAME].value
        context = browser.new_context(base_url=f"http://{workspace.host}:{server}", locale="en-GB")
        context.add_cookies(
            [
                {
                    "name": settings.SESSION_COOKIE_NAME,
                    "value": cookie,
                    "domain": workspace.host,
                    "path": "/",
                }
            ]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        contexts.append(context)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
