"""Which addresses are open in the workspace at hand: menus leave out what belongs to a module that is off."""

from functools import lru_cache

from django.conf import settings
from django.urls import Resolver404, resolve

from core.modules import modules_off, off_module_of_route
from core.records.types import RecordType
from web.shell import Place


def is_open(href: str) -> bool:
    """Whether the address of this workspace (with or without a query) belongs to nothing that is off."""
    return not modules_off() or off_module_of_route(*route_of(href)) is None


def open_places(places: list[Place]) -> list[Place]:
    """Those of the places whose address is open."""
    return [place for place in places if is_open(place.href)] if modules_off() else places


def route_of(href: str) -> tuple[str, str]:
    """(name of the address, key of the record type that it is about); empty for what leads nowhere of ours."""
    return _belongs(href.partition("?")[0])


@lru_cache(maxsize=4096)
def _belongs(path: str) -> tuple[str, str]:
    try:
        match = resolve(path, urlconf=settings.ROOT_URLCONF)
    except Resolver404:
        return "", ""
    kind = match.kwargs.get("kind")
    return match.url_name or "", kind.key if isinstance(kind, RecordType) else str(kind or "")
