"""Log lines say whose they are."""

import logging

import pytest

from config.logs import ScopeFilter

pytestmark = pytest.mark.django_db


@pytest.fixture
def said():
    class Listener(logging.Handler):
        tenants: list[str] = []

        def emit(self, record: logging.LogRecord) -> None:
            self.tenants.append(record.tenant)  # type: ignore[attr-defined]

    listener = Listener()
    listener.addFilter(ScopeFilter())
    logger = logging.getLogger("django.request")
    logger.addHandler(listener)
    yield listener.tenants
    logger.removeHandler(listener)


def test_a_refused_request_is_logged_under_its_tenant(workspace, client_of, said):
    client_of(workspace, workspace.owner).get("/nowhere/")
    assert said == [workspace.schema]


def test_a_line_inside_a_scope_is_logged_under_its_tenant(workspace, said):
    logging.getLogger("django.request").warning("about to do it")
    assert said == [workspace.schema]
