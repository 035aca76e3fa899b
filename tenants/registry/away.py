"""What the host of a suspended or closed workspace answers, whatever is asked of it."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from core.clock import now, zone_or_utc
from core.tenancy.addresses import public_address
from core.tenancy.scope import public_scope
from core.tenancy.snapshot import Snapshot
from tenants.registry.models import KEPT_DAYS, TenantState
from web.answers import problem

_FORBIDDEN, _GONE = 403, 410


def away_page(request: HttpRequest, snapshot: Snapshot) -> HttpResponse:
    """Its name, what happened and whom to ask, in the workspace's language; to a program the same as JSON.

    Nothing of the tenant is read: the scope is public, and sessions are not looked at.
    """
    closed = snapshot.state == TenantState.CLOSED
    answer = _as_json if request.path.startswith("/api/") else _as_page
    with (
        public_scope(),
        timezone.override(zone_or_utc(snapshot.time_zone)),
        translation.override(snapshot.language),
    ):
        response = answer(request, snapshot, closed=closed)
    response.headers["Content-Language"] = snapshot.language
    if "HX-Request" in request.headers:
        # A tab that was open shows fragments only: it must load this page as a whole.
        response.headers["HX-Refresh"] = "true"
    add_never_cache_headers(response)
    return response


def _as_page(request: HttpRequest, snapshot: Snapshot, *, closed: bool) -> HttpResponse:
    context = {
        "name": snapshot.name,
        "closed": closed,
        "removed_at": _removed_at(snapshot),
        "too_late": closed and _removed_at(snapshot) <= now(),
        "reason": snapshot.suspended_for,
        "contact": settings.GUANXI["CONTACT_MAIL"],
        "home_url": public_address(),
        "no_side": True,
    }
    status = _GONE if closed else _FORBIDDEN
    return render(request, "tenants/registry/away.html", context, status=status)


def _as_json(_request: HttpRequest, snapshot: Snapshot, *, closed: bool) -> JsonResponse:
    if closed:
        told = {"removed_at": _removed_at(snapshot).isoformat()}
        return problem("workspace_closed", _("This workspace is closed."), status=_GONE, fields=told)
    return problem("workspace_suspended", _("This workspace is suspended."), status=_FORBIDDEN)


def _removed_at(snapshot: Snapshot) -> dt.datetime:
    """The moment (UTC) from which a closed workspace is removed; without meaning for others."""
    return (snapshot.closed_at or now()) + dt.timedelta(days=KEPT_DAYS)
