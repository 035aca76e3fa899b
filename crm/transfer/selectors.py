"""Reading imports and exports. Only administrators see them; an export only who asked for it."""

from typing import Any

from django.db.models import Q, QuerySet, Sum

from crm.transfer.models import ExportJob, ImportJob


def visible_imports(*, to: Any) -> QuerySet[ImportJob]:
    """Newest first, with `created` and `updated` records."""
    if not to.may_administer:
        return ImportJob.objects.none()
    found = ImportJob.objects.select_related("created_by").order_by("-created_at")
    return found.annotate(created=Sum("chunks__created"), updated=Sum("chunks__updated"))


def running_imports(*, to: Any, but: ImportJob | None = None) -> QuerySet[ImportJob]:
    """Those that write rows right now, besides `but`."""
    return visible_imports(to=to).filter(~Q(pk=but.pk if but else None), state="running")


def visible_exports(*, to: Any) -> QuerySet[ExportJob]:
    """The person's own, newest first."""
    return ExportJob.objects.filter(created_by=to).order_by("-created_at")
