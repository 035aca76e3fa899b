"""Choices that a workspace keeps as rows: read once a request or job, cached for the tenant."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max

from core.records.fields import Choice, Option
from core.tenancy.scope import forget, remember
from crm.customize.models import PicklistItem
from tenants.people.workspace_settings import setting

INITIAL = "initial"
"""Topic of the settings that hold, by list, what new records start with."""

_TTL_SECONDS = 300


def picklist_choice(name: str, label: object, *aliases: str) -> Choice:
    """A field whose choices the workspace keeps: the picklist has the field's name."""
    return Choice(
        name=name,
        label=label,
        column=f"{name}_id",
        aliases=aliases,
        **picklist_choices(name),
    )


def picklist_choices(picklist: str) -> dict[str, Any]:
    """What a Choice field needs whose options are this list."""
    return {
        "options": options_of(picklist),
        "add": partial(add_option, picklist),
        "forget": partial(forget_options, picklist),
        "picklist": picklist,
        "initial": partial(initial_option, picklist),
    }


def options_of(picklist: str) -> Callable[[], Sequence[Option]]:
    """For a Choice field: the picklist's options, retired ones last and only for showing."""
    return partial(_remembered, picklist)


def initial_option(picklist: str) -> str:
    """The value that new records start with, as long as it is offered; '' for none."""
    chosen = setting(f"{INITIAL}.{picklist}", "")
    return chosen if any(each.value == chosen and each.offered for each in options_of(picklist)()) else ""


def add_option(picklist: str, label: str) -> str:
    """The value of the option with this label, made when missing, behind all others."""
    last = PicklistItem.objects.filter(picklist=picklist).aggregate(last=Max("position"))["last"]
    item, created = PicklistItem.objects.get_or_create(
        picklist=picklist, label=label[:80], defaults={"position": 0 if last is None else last + 1}
    )
    if created:
        forget_options(picklist)
    return str(item.id)


def forget_options(picklist: str) -> None:
    """After a change to a picklist."""
    transaction.on_commit(partial(cache.delete, _key(picklist)))
    cache.delete(_key(picklist))
    forget(_key(picklist))


def _remembered(picklist: str) -> Sequence[Option]:
    return remember(_key(picklist), partial(_options, picklist))


def _options(picklist: str) -> Sequence[Option]:
    rows = cache.get(_key(picklist))
    if rows is None:
        items = PicklistItem.objects.filter(picklist=picklist)
        rows = [
            (str(item.id), item.label, item.tone, not item.retired, tuple(item.formerly)) for item in items
        ]
        cache.set(_key(picklist), rows, _TTL_SECONDS)
    return [Option(*row) for row in sorted(rows, key=lambda row: not row[3])]


def _key(picklist: str) -> str:
    return f"picklist:{picklist}"
