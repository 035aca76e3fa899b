"""To the bin and back; and taking any change back."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from core.errors import NotAllowed
from core.history.models import Change, Transaction
from core.history.undo import UndoReport
from core.modules import off_module_of_type
from core.records.models import Record, SearchDocument
from core.records.rights import within
from core.records.search import index_records
from core.records.types import RecordType, forget_choices, record_types
from core.records.undoing import undo_batch as take_back
from core.records.writing import bin_records, restore_records
from web.answers import go, reload, told
from web.records.access import chosen_ids, visible_record

KEPT_DAYS = 30
Refusal = Callable[[UUID, Any], None]
_refusals: list[Refusal] = []
_afterwards: list[Callable[[UndoReport], None]] = []


def call_before_undo(refusal: Refusal) -> None:
    """refusal(batch, by) raises NotAllowed for what must not be taken back with one click."""
    if refusal not in _refusals:
        _refusals.append(refusal)


def call_after_undo(function: Callable[[UndoReport], None]) -> None:
    """function(report) looks after what follows from the tables that an undo wrote."""
    if function not in _afterwards:
        _afterwards.append(function)


@require_POST
@login_required
def delete_record(request: HttpRequest, kind: RecordType, record_id: UUID) -> HttpResponse:
    """To the bin; the list opens with an undo on offer."""
    record = visible_record(request, kind, record_id)
    written = bin_records(kind, [record.pk], by=request.user)
    text = _("Deleted “%(title)s”") % {"title": kind.title_of(record)}
    return go(request, kind.list_url, text, batch=written.batch)


@require_safe
@login_required
def bin_page(request: HttpRequest) -> HttpResponse:
    """What was deleted in the last 30 days, newest first, by type."""
    groups = []
    for kind in record_types():
        if not kind.creatable or off_module_of_type(kind.key):
            continue
        gone = kind.everything().filter(deleted_at__isnull=False)
        gone = within(gone, kind, to=request.user)
        records = list(gone.order_by("-deleted_at")[:100])
        if records:
            rows = [(each.pk, kind.title_of(each), each.deleted_at, _days_left(each)) for each in records]
            groups.append((kind, rows))
    return render(request, "web/bin.html", {"groups": groups, "kept_days": KEPT_DAYS})


def _days_left(record: object) -> int:
    return max(0, KEPT_DAYS - (now() - record.deleted_at).days)  # type: ignore[attr-defined]


@require_POST
@login_required
def restore(request: HttpRequest, kind: RecordType) -> HttpResponse:
    """Out of the bin: the chosen records."""
    ids = chosen_ids(request)
    written = restore_records(kind, ids, by=request.user)
    words = {"count": len(written.records)}
    text = ngettext("Restored %(count)d record", "Restored %(count)d records", len(written.records)) % words
    return go(request, "/bin/", text, batch=written.batch)


@require_POST
@login_required
def undo_batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Take a batch back: one's own, or anybody's for administrators."""
    entry = Transaction.objects.filter(batch=batch).order_by("id").first()
    if entry is None:
        raise Http404
    if entry.actor != request.user.pk and not request.user.may_administer:
        raise NotAllowed(_("Only an administrator can undo what others did."))
    if not request.user.may_administer:
        _refuse_more_than_records(batch)
    for refuse in _refusals:
        refuse(batch, request.user)
    report = take_back(batch, by=request.user, label=_("Undid: %(label)s") % {"label": entry.label})
    forget_choices()
    for follow in _afterwards:
        follow(report)
    index_touched(report)
    again = report.batch if report.total else None
    if _shows(urlsplit(request.headers.get("HX-Current-URL", "")).path, report):
        return reload(request, _sentence(report), batch=again)
    return told(_sentence(report), batch=again, undone=True)


def _shows(path: str, report: UndoReport) -> bool:
    """Whether the page at this path draws something that the undo wrote, and must be drawn anew."""
    if path == "/bin/":
        return True
    for kind in record_types():
        ids = report.touched.get(kind.table, ())
        if ids and path in (kind.list_url, kind.board_url):
            return True
        if any(path.startswith(kind.url_of(record_id)) for record_id in ids):
            return True
    return False


def _refuse_more_than_records(batch: UUID) -> None:
    """Teams, pipelines and settings are an administrator's, also when their author was one once."""
    records = {model._meta.db_table for model in apps.get_models() if issubclass(model, Record)}
    if Change.objects.filter(tx__batch=batch).exclude(relation__in=records).exists():
        raise NotAllowed(_("Only an administrator can undo this."))


def index_touched(report: UndoReport) -> None:
    """The search documents of what an undo wrote, and what follows from it."""
    for kind in record_types():
        ids: Iterable[UUID] = report.touched.get(kind.table, ())
        if ids and kind.fixed:  # of one type among others in its table; those that are gone are nobody's
            ids = set(kind.everything().filter(pk__in=ids).values_list("pk", flat=True))
        if ids:
            index_records(kind, ids)
            kind.derive_many(ids)
    gone_from(report)


def gone_from(report: UndoReport) -> None:
    """Documents of records of shared tables that an undo took away."""
    for kind in record_types():
        if kind.fixed and (ids := report.touched.get(kind.table)):
            there = kind.model._base_manager.filter(pk__in=ids).values("pk")
            SearchDocument.objects.filter(pk__in=ids).exclude(pk__in=there).delete()


def _sentence(report: UndoReport) -> str:
    if not report.total and not report.kept_total:
        return _("There is nothing left to undo.")
    if report.kept_total:
        return _("Undone. %(count)d records were changed since and stay as they are.") % {
            "count": report.kept_total
        }
    return _("Undone.")
