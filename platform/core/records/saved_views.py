"""Reading saved views: the menu and the tabs of a list ask for them on the same page."""

from typing import Any

from django.db.models import Q

from core.records.models import SavedView
from core.tenancy.scope import remember


def saved_views(*, to: Any) -> list[SavedView]:
    """A person's own views and those for everybody, in their order; read once a request."""

    def read() -> list[SavedView]:
        found = SavedView.objects.filter(Q(shared=True) | Q(owner=to))
        return list(found.order_by("position", "name"))

    return remember(f"records.saved_views:{to.pk}", read)
