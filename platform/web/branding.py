"""What a workspace looks like: its logo, its colour, the foot of its mails. Who knows it stands above; templates see
it as `brand`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.tenancy.scope import peek


@dataclass(frozen=True, slots=True)
class Brand:
    """logo_url, style_url: addresses of this workspace's own host, '' where nothing is set. footer: lines of text."""

    logo_url: str = ""
    style_url: str = ""
    footer: str = ""


_read: Callable[[], Brand] = Brand


def use_branding(read: Callable[[], Brand]) -> None:
    """config says who knows it."""
    global _read
    _read = read


def current_brand() -> Brand:
    """Of the workspace at hand; nothing of its own outside one."""
    scope = peek()
    return Brand() if scope is None or scope.is_public else _read()


def branding(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"brand": current_brand() if getattr(request, "tenant", None) is not None else Brand()}
