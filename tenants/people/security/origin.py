"""Where the request at hand comes from, for whoever writes it down: services never see a request."""

import contextlib
import contextvars
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from web.templatetags.ui import browser_name


@dataclass(frozen=True, slots=True)
class Origin:
    """ip: None outside a request. agent: as people call the browser, `Firefox · Windows`."""

    ip: str | None = None
    agent: str = ""


_origin: contextvars.ContextVar[Origin | None] = contextvars.ContextVar("people_origin", default=None)


def origin() -> Origin:
    """Of the request at hand; empty in a task."""
    return _origin.get() or Origin()


@contextlib.contextmanager
def coming_from(request: HttpRequest) -> Iterator[None]:
    """For the block, `origin` is the request's."""
    token = _origin.set(
        Origin(client_ip(request), browser_name(request.META.get("HTTP_USER_AGENT", ""))[:80])
    )
    try:
        yield
    finally:
        _origin.reset(token)


def client_ip(request: HttpRequest) -> str | None:
    """The visitor's address behind the proxies that are believed; None where there is none."""
    try:
        address: Any = get_adapter(request).get_client_ip(request)
        return str(ipaddress.ip_address(address))
    except (PermissionDenied, ValueError):
        return None
