"""Asking another service: never a machine of our own network, never for long, never for much.

Where an address leads is looked at after the connection is made and before anything is said: a name that is resolved
twice could lead elsewhere the second time.
"""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from tenants.people.sso.errors import ServiceTrouble

_TIMEOUT_SECONDS = (4, 6)
_LARGEST_BYTES = 1 << 20


def may_be_private() -> bool:
    """On a machine of one's own the service may stand there too."""
    return bool(settings.GUANXI["PRIVATE_SERVICES"])


def is_public_address(address: str) -> bool:
    """Whether an IP leads out of the house."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is not None:
        found = inner
    return found.is_global and not found.is_multicast


class _Looking:
    """A connection that looks where it has led before it is used."""

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        if not may_be_private() and not is_public_address(str(made.getpeername()[0])):
            made.close()
            raise NewConnectionError(self, "leads into a private network")  # type: ignore[arg-type]
        return made


class _PlainConnection(_Looking, HTTPConnection):
    pass


class _SafeConnection(_Looking, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection  # type: ignore[assignment]


class _LookingAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(*args[:1])
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SafePool}


def check_address(url: str) -> str:
    """The same URL, when it is one that may be asked. Raises ServiceTrouble."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        raise ServiceTrouble(_("This is not an address of a service."))
    schemes = ("https", "http") if may_be_private() else ("https",)
    if parts.scheme not in schemes or not parts.hostname or not port_is_fine or "@" in parts.netloc:
        raise ServiceTrouble(_("The address must begin with https:// and name a public server."))
    return url


def ask(url: str, *, given: Mapping[str, str] | None = None, **options: Any) -> dict[str, Any]:
    """The service's JSON object. given: a form to POST; otherwise GET. options: of requests (auth, headers).

    Raises ServiceTrouble when it does not answer in time, refuses, or answers something else.
    """
    check_address(url)
    with requests.Session() as session:
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _LookingAdapter(max_retries=0))
        method = "GET" if given is None else "POST"
        try:
            with session.request(
                method,
                url,
                data=given,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                stream=True,
                **options,
            ) as answer:
                return _read(answer)
        except requests.RequestException as error:
            raise ServiceTrouble(_("The service does not answer. Try again later.")) from error


def _read(answer: requests.Response) -> dict[str, Any]:
    body = b""
    for piece in answer.iter_content(1 << 14):
        body += piece
        if len(body) > _LARGEST_BYTES:
            raise ServiceTrouble(_("The service answers more than it should."))
    if answer.status_code != 200:
        raise ServiceTrouble(_("The service refuses (%(status)d).") % {"status": answer.status_code})
    try:
        found = requests.models.complexjson.loads(body.decode())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ServiceTrouble(_("The service answers something that cannot be read."))
    return found
