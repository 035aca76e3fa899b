"""People who are known by name only: owners of records before anybody invited them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password

from core.records.text import sort_key
from core.records.types import BulkPreparer
from tenants.people.models import Team, User


def make_placeholders(names: Iterable[str]) -> dict[str, UUID]:
    """name → id of a person without mail and seat. A name that is taken gives the person who has it.

    Runs inside the caller's transaction, so that an undo takes them back with what they were made for.
    """
    wanted = {sort_key(name): " ".join(name.split())[:120] for name in names}
    known = dict(
        User.objects.filter(name_key__in=wanted).order_by("-created_at").values_list("name_key", "id")
    )
    made = [
        User(name=name, name_key=key, email=None, is_placeholder=True, password=make_password(None))
        for key, name in wanted.items()
        if key not in known
    ]
    User.objects.bulk_create(made)
    return {name: known.get(sort_key(name)) or _id_of(made, sort_key(name)) for name in wanted.values()}


def make_teams(names: Iterable[str]) -> dict[str, UUID]:
    """name → id of a team, made where there is none."""
    found = {}
    for name in names:
        plain = " ".join(name.split())[:120]
        team, _made = Team.objects.get_or_create(name=plain, defaults={"name_key": sort_key(plain)})
        found[plain] = team.id
    return found


def prepare_placeholders() -> BulkPreparer:
    """Whom an import brings is a placeholder; whom it finds keeps mail, seat and rights."""

    def prepare(values: dict[str, Any], before: Mapping[str, Any] | None, titles: Mapping[str, str]) -> None:
        if before is None:
            values.update(email=None, is_placeholder=True, is_active=True, password=make_password(None))

    return prepare


def _id_of(people: list[User], key: str) -> UUID:
    return next(person.id for person in people if person.name_key == key)
