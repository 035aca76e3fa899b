"""A visitor of the public host."""

import contextvars

import pytest
from django.conf import settings
from django.test import Client


class PublicClient(Client):
    """A request begins outside any scope, as on a server."""

    def request(self, **request: object) -> object:
        return contextvars.Context().run(super().request, **request)


@pytest.fixture
def visitor() -> Client:
    """Somebody on the public host, without a session."""
    return PublicClient(HTTP_HOST=f"{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}")
