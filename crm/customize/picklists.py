"""Choices that a workspace keeps as rows: read once a request or job, cached for the tenant."""

from collections.abc import Callable, Sequence
from functools import partial

from django.core.cache import cache
from django.db import transaction

from core.records.fields import Option
from core.tenancy.scope import forget, remember
from crm.customize.models import PicklistItem

_TTL_SECONDS = 300


def options_of(picklist: str) -> Callable[[], Sequence[Option]]:
    """For a Choice field: the picklist's options, retired ones last and only for showing."""
    return partial(_remembered, picklist)


def adder_of(picklist: str) -> Callable[[str], str]:
    """For a Choice field that an import may extend: adds a label, returns its value."""
    return partial(add_option, picklist)


def forgetter_of(picklist: str) -> Callable[[], None]:
    """For a Choice field: drops the remembered options."""
    return partial(forget_options, picklist)


def add_option(picklist: str, label: str) -> str:
    """The value of the option with this label, made when missing."""
    position = PicklistItem.objects.filter(picklist=picklist).count()
    item, created = PicklistItem.objects.get_or_create(
        picklist=picklist, label=label[:80], defaults={"position": position}
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
        rows = [(str(item.id), item.label, item.tone) for item in items]
        cache.set(_key(picklist), rows, _TTL_SECONDS)
    return [Option(value, label, tone) for value, label, tone in rows]


def _key(picklist: str) -> str:
    return f"picklist:{picklist}"
