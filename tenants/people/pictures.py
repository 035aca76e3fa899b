"""Who has a picture, and where it is: asked for on most pages, so kept in the cache."""

from pathlib import Path

from django.core.cache import cache

from core.tenancy.scope import forget
from tenants.people.models import User

_KEY = "people.pictures"
# An undo changes a picture without a word to this module: a minute later the pages know.
_TTL_SECONDS = 60


def pictures() -> dict[str, str]:
    """Person's id as text → address, for those who have one."""
    found = cache.get(_KEY)
    if found is None:
        people = User.objects.exclude(avatar="").only("pk", "avatar")
        found = {str(person.pk): picture_url(person) for person in people}
        cache.set(_KEY, found, _TTL_SECONDS)
    return found


def picture_url(person: User) -> str:
    """'' when there is none. `v` changes with each new picture, so that it may be kept for long."""
    return f"/people/{person.pk}/picture/?v={Path(person.avatar.name).stem[-12:]}" if person.avatar else ""


def forget_pictures() -> None:
    """After a picture was changed."""
    cache.delete(_KEY)
    forget("web.pictures")
