"""A visitor of the public host, and a worker that works at once."""

import contextvars
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from config.celery import app


class PublicClient(Client):
    """A request begins outside any scope, as on a server."""

    def request(self, **request: object) -> object:
        return contextvars.Context().run(super().request, **request)


@pytest.fixture
def visitor() -> Client:
    """Somebody on the public host, without a session."""
    return PublicClient(HTTP_HOST=f"{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tasks run where they are sent, so that a test sees what they did."""
    # A worker closes its connections between tasks; here that would end the test's own transaction.
    monkeypatch.setattr("core.tenancy.tasks.close_old_connections", lambda: None)
    app.autodiscover_tasks(force=True)
    before, app.conf.task_always_eager = app.conf.task_always_eager, True
    propagates, app.conf.task_eager_propagates = app.conf.task_eager_propagates, True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = before, propagates
