"""A person's face beside their name: the picture, or initials on the colour of the name."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.utils.safestring import SafeString

from core.tenancy.scope import remember
from web.templatetags.ui import hue, initials

_read: Callable[[], Mapping[str, str]] = dict


def use_pictures(read: Callable[[], Mapping[str, str]]) -> None:
    """config says where pictures are known: person's id as text → address."""
    global _read
    _read = read


def picture_of(person_id: Any) -> str:
    """Address of the picture, '' without one. All pictures of the workspace are looked up once a request."""
    return remember("web.pictures", lambda: _read()).get(str(person_id), "") if person_id else ""


def face(person_id: Any, name: str, *, cls: str = "av-s") -> SafeString:
    """What stands beside a name; nothing to a screen reader."""
    picture = picture_of(person_id)
    if picture:
        return SafeString(f'<span class="av {cls} {hue(name)}" aria-hidden="true">{_image(picture)}</span>')
    # Drawn by the style sheet: as text they would belong to the words of the button that holds the face.
    letters = escape(initials(name))
    return SafeString(
        f'<span class="av {cls} {hue(name)}" data-initials="{letters}" aria-hidden="true"></span>'
    )


def picture(person_id: Any) -> str:
    """The face of a person who has a picture, '' of one who has none: where initials would be in the way."""
    found = picture_of(person_id)
    return f'<span class="av av-s" aria-hidden="true">{_image(found)}</span>' if found else ""


def named_face(person_id: Any, name: str) -> SafeString:
    """Face and name on one line; '' for nobody."""
    if not name:
        return SafeString("")
    return SafeString(
        f'<span class="faced">{face(person_id, name)}<bdi class="truncate">{escape(name)}</bdi></span>'
    )


def _image(address: str) -> str:
    return f'<img class="size-full rounded-[inherit] object-cover" src="{escape(address)}" alt="" loading="lazy">'
