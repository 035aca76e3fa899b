"""What the frame round every page shows: filled by config, read by templates as `shell`."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

_build: Callable[[HttpRequest], Any] | None = None


def use_shell(build: Callable[[HttpRequest], Any]) -> None:
    """config (the top floor) says how the navigation is made from the rooms."""
    global _build
    _build = build


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy: a page without the frame costs nothing."""
    return {"shell": _build(request) if _build and getattr(request, "tenant", None) else None}
