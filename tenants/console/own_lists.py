"""An operator's own filters and columns of the list of tenants. Public scope."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.errors import Conflict, DomainError
from tenants.console.models import ListLayout, SavedFilter
from tenants.console.selectors import SORTS, TABS

MOST_FILTERS = 12
COLUMNS = {
    "plan": pgettext_lazy("column", "Plan"),
    "state": pgettext_lazy("column", "State"),
    "people": pgettext_lazy("column", "People"),
    "revenue": pgettext_lazy("column", "Revenue a month"),
    "usage": pgettext_lazy("column", "Usage"),
    "records": pgettext_lazy("column", "Records"),
    "storage": pgettext_lazy("column", "Files"),
    "health": pgettext_lazy("column", "Health"),
    "active": pgettext_lazy("column", "Last active"),
    "opened": pgettext_lazy("column", "Opened"),
    "version": pgettext_lazy("column", "Version"),
}
USUAL = ("plan", "state", "people", "revenue", "usage", "health", "active", "version")


def own_filters(operator: Any) -> list[SavedFilter]:
    """In the order in which they were saved."""
    return list(SavedFilter.objects.filter(operator_id=operator.pk))


def save_filter(*, name: str, tab: str, search: str, sort: str, by: Any) -> SavedFilter:
    """Under a name of one's own. Raises DomainError, Conflict for a name that is taken."""
    name = name.strip()[:40]
    if not name:
        message = _("Give the filter a name.")
        raise DomainError(message, fields={"name": message})
    if tab not in TABS or sort not in SORTS:
        raise DomainError(_("Choose one of the list."))
    if SavedFilter.objects.filter(operator_id=by.pk).count() >= MOST_FILTERS:
        raise DomainError(
            _("There is room for %(count)d filters. Remove one first.") % {"count": MOST_FILTERS}
        )
    try:
        with transaction.atomic():
            return SavedFilter.objects.create(
                operator_id=by.pk, name=name, tab=tab, search=search.strip()[:200], sort=sort
            )
    except IntegrityError as error:
        message = _("You have a filter of this name already.")
        raise Conflict(message, fields={"name": message}) from error


def remove_filter(filter_id: UUID, *, by: Any) -> None:
    """One's own only. Raises Conflict when it is not there any more."""
    if not SavedFilter.objects.filter(pk=filter_id, operator_id=by.pk).delete()[0]:
        raise Conflict(_("This filter was removed already."))


def shown_columns(operator: Any) -> Sequence[str]:
    """In the list's order; what a newer release does not know any more is left out."""
    kept = ListLayout.objects.filter(pk=operator.pk).values_list("columns", flat=True).first()
    return USUAL if kept is None else [name for name in COLUMNS if name in kept]


def choose_columns(names: Collection[str], *, by: Any) -> None:
    """Unknown names are left out; none at all: the usual ones again."""
    wanted = [name for name in COLUMNS if name in names]
    if wanted:
        ListLayout.objects.update_or_create(operator_id=by.pk, defaults={"columns": wanted})
    else:
        ListLayout.objects.filter(pk=by.pk).delete()
