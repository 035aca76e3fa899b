"""What the frame round every page shows: filled by config, read by templates as `shell`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest


@dataclass(frozen=True)
class Place:
    """A page one can go to, or an action one can start.

    icon: a name of assets/icons.txt. key: the letter after `g` that leads there. count: shown beside it.
    """

    label: str
    href: str
    icon: str
    key: str = ""
    current: bool = False
    count: int | str | None = None


@dataclass(frozen=True)
class Notice:
    """A bar above the page that stays: support access, a grace period. tone: violet, amber or red.

    href, action: where one does something about it, and in what words. post: instead of a page, an address that the
    action is POSTed to.
    """

    text: str
    icon: str = "shield"
    tone: str = "violet"
    href: str = ""
    action: str = ""
    post: str = ""


@dataclass(frozen=True)
class Shell:
    """The frame around every page of a workspace.

    nav: groups of places, each with its heading; the first has an empty heading. foot: places at the lower
    end. bell: what the person was told, counted. create: what one can make new. commands: what
    the palette and the phone's menu offer besides. bottom: three places for the
    phone's bar. settings: groups of the settings' own navigation. find_url: answers the palette's search with
    web/_palette_results.html. user_picture: address of the person's picture, or ''.
    """

    workspace_name: str
    user_name: str
    nav: Sequence[tuple[str, Sequence[Place]]]
    create: Sequence[Place] = ()
    commands: Sequence[Place] = ()
    foot: Sequence[Place] = ()
    bell: Place | None = None
    bottom: Sequence[Place] = ()
    settings: Sequence[tuple[str, Sequence[Place]]] = ()
    notices: Sequence[Notice] = ()
    find_url: str = "/palette"
    profile_url: str = ""
    user_picture: str = ""
    sign_out_url: str = ""
    switch_url: str = ""
    keys: bool = True
    compact: bool = False


_build: Callable[[HttpRequest], Shell] | None = None


def use_shell(build: Callable[[HttpRequest], Shell]) -> None:
    """config (the top floor) says how the navigation is made from the rooms."""
    global _build
    _build = build


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lazy: a page without the frame costs nothing.

    request.build_shell: who else than the workspace gives its pages a frame (the operator's console).
    """
    build = getattr(request, "build_shell", None)
    if build is not None:
        return {"shell": build(request)}
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    framed = _build is not None and signed_in and getattr(request, "tenant", None) is not None
    return {"shell": _build(request) if framed and _build else None}
