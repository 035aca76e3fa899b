"""A small file, imported and undone by somebody with a browser, with a real server and worker behind it."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from celery import current_app
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from core.records.types import record_type
from core.records.writing import create_record
from crm.opportunities.models import Opportunity
from tests.working import real_worker

pytestmark = pytest.mark.browser
FILE = (
    "opportunity_id,sales_agent,product,deal_stage,engage_date,close_value\n"
    "A1,Moses Frase,GTX Pro,Won,10/20/2026,1054\n"
    'A2,Moses Frase,GTXPro,Won,10/25/2026,"4,514"\n'
    "A3,Moses Frase,GTXPro,Engaging,10/26/2026,plenty\n"
)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """The test's own output is enough."""


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server of the whole product."""
    server = make_server("127.0.0.1", 0, WSGIHandler(), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _is_complaint(said: Any) -> bool:
    """The browser itself notes each refusal (422) as an error; that is none of the page's."""
    return said.type == "error" and "422" not in said.text


@pytest.fixture
def page(live_workspace, client_of, port, browser) -> Iterator[Any]:
    """The owner's browser, on the list of imports. Its console must stay silent."""
    client = client_of(live_workspace, live_workspace.owner)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "domain": live_workspace.host, "path": "/"}
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{**cookie, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}])
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    opened.goto(f"http://{live_workspace.host}:{port}/import/")
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def worker(live_workspace, tmp_path) -> Iterator[None]:
    current_app.control.purge()
    with real_worker(tmp_path / "worker.log"):
        yield
    current_app.control.purge()


@pytest.fixture
def product(live_workspace) -> None:
    with live_workspace.scope():
        create_record(record_type("product"), {"name": "GTX Pro"}, by=live_workspace.owner)


def test_a_file_is_imported_and_undone_in_the_browser(live_workspace, product, worker, page):
    page.click("text=Import the first file")
    page.check("input[name=type][value=opportunity]")
    page.set_input_files("#file", {"name": "deals.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.click("button:has-text('Upload')")

    page.wait_for_selector("#mapping")
    assert page.input_value("select[name=column-4]") == "opened_on"
    page.click("button:has-text('Check')")

    page.wait_for_selector("text=1 value of “Product” is not known", timeout=60_000)
    assert "1 person is not in this workspace" in page.inner_text("main")
    page.click("button:has-text('Accept GTX Pro')")
    page.wait_for_selector("text=1 value of “Product” is not known", state="detached", timeout=60_000)
    page.click("text=Rows to fix")
    assert "“plenty” is not a number" in page.inner_text("main")
    page.click("button:has-text('Import 2 rows')")

    page.wait_for_selector("#h-result", timeout=60_000)
    assert "Done" in page.inner_text("main")
    with page.expect_download() as download:
        page.click("text=Error file")
    assert "plenty" in download.value.path().read_text(encoding="utf-8-sig")
    with live_workspace.scope():
        found = Opportunity.objects.order_by("reference").values_list("reference", "product__name", "amount")
        assert [(ref, name, str(amount)) for ref, name, amount in found] == [
            ("A1", "GTX Pro", "1054.00"),
            ("A2", "GTX Pro", "4514.00"),
        ]
        assert set(Opportunity.objects.values_list("owner__name", flat=True)) == {"Moses Frase"}

    page.click("button:has-text('Undo the import')")
    page.wait_for_selector("text=Taken out", timeout=60_000)
    with live_workspace.scope():
        assert Opportunity.everything.count() == 0


def test_a_bad_file_is_refused_on_the_spot(live_workspace, page):
    page.click("text=Import the first file")
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"name,name\na,b\n"})
    page.click("button:has-text('Upload')")
    page.wait_for_selector("text=Two columns are called")
