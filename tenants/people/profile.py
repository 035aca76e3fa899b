"""What people change about themselves."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.history.context import change
from core.ids import uuid7
from core.records.search import index_records
from core.records.text import sort_key
from core.records.types import record_type
from tenants.people.avatars import read_avatar
from tenants.people.languages import offered_languages
from tenants.people.models import User
from tenants.people.pictures import forget_pictures


@dataclass(frozen=True, slots=True)
class Profile:
    """language: a code of those that the workspace offers; time_zone: an IANA name; '' in both: the workspace's."""

    name: str
    job_title: str = ""
    phone: str = ""
    language: str = ""
    time_zone: str = ""
    keyboard_shortcuts: bool = True


def update_profile(person: User, profile: Profile) -> UUID:
    """The batch, for an undo. Raises DomainError with messages by field."""
    name = " ".join(profile.name.split())
    problems = {}
    if not name:
        problems["name"] = _("This is needed.")
    if profile.language and profile.language not in offered_languages():
        problems["language"] = _("Choose one of the list.")
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    values: dict[str, Any] = {
        "name": name[:120],
        "name_key": sort_key(name),
        "job_title": profile.job_title.strip()[:120],
        "phone": profile.phone.strip()[:40],
        "language": profile.language,
        "time_zone": profile.time_zone,
        "keyboard_shortcuts": profile.keyboard_shortcuts,
    }
    with change(label=_("Changed the own profile"), by=person) as entry:
        for field, value in values.items():
            setattr(person, field, value)
        person.save(update_fields=[*values, "updated_at"])
        index_records(record_type("person"), [person.pk])
    return entry.batch


def set_avatar(person: User, upload: UploadedFile) -> None:
    """Replace the picture. Raises DomainError when it cannot be read."""
    content = read_avatar(upload)
    _replace_avatar(person, content)


def remove_avatar(person: User) -> None:
    """Back to the initials."""
    _replace_avatar(person, None)


def _replace_avatar(person: User, content: Any) -> None:
    former, storage = person.avatar.name, person.avatar.storage
    with change(label=_("Changed the own picture"), by=person):
        if content is None:
            person.avatar = ""
        else:
            # A new name each time: browsers may keep what they have under the old one.
            person.avatar.save(f"{uuid7()}.png", content, save=False)
        person.save(update_fields=["avatar", "updated_at"])
        forget_pictures()
        transaction.on_commit(forget_pictures)
        if former:
            transaction.on_commit(lambda: storage.delete(former))
