"""The page of what a person was told, and the bell that leads there."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.activities.models import Notification
from crm.activities.selectors.activities import notifications_of, unread_count
from crm.activities.services.notifications import mark_read
from web.answers import go, told
from web.shell import Place

_SHOWN = 100
_ICONS = {"mention": "at-sign", "reminder": "clock", "assignment": "user", "job": "database"}
_MOST_COUNTED = 99


def bell_of(person: object) -> Place:
    """For the top bar of every page."""
    count = unread_count(person)  # type: ignore[arg-type]
    shown = f"{_MOST_COUNTED}+" if count > _MOST_COUNTED else count
    return Place(_("Notifications"), "/notifications/", "bell", count=shown or None)


@require_safe
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """The newest hundred; reading the page marks nothing, opening one does."""
    found = list(notifications_of(request.user)[:_SHOWN])
    rows = [(each, _ICONS.get(each.kind, "bell")) for each in found]
    context = {"title": _("Notifications"), "rows": rows, "unread": any(not each.read_at for each in found)}
    return render(request, "crm/activities/notifications.html", context)


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything is read."""
    mark_read(person=request.user)
    if getattr(request, "htmx", False):
        return told(_("All marked as read"), work_changed=True)
    return go(request, "/notifications/")


@require_POST
@login_required
def open_notification(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Read, and on to what it is about."""
    notification: Notification | None = notifications_of(request.user).filter(pk=notification_id).first()
    if notification is None:
        raise Http404
    mark_read(person=request.user, ids=[notification.pk])
    return go(request, notification.url or "/notifications/")
