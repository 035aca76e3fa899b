"""What an unpaid workspace still answers: the one place where read-only and suspended are enforced."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from core.entitlements import Access, access_of
from core.tenancy.scope import peek
from web.answers import problem, told

_SAFE = ("GET", "HEAD", "OPTIONS")
BILLING = "/settings/billing/"
# What works however little is paid: signing in and out, one's own security, paying, taking the data out, leaving.
_ALWAYS = (
    "/account/",
    BILLING,
    "/settings/export/",
    "/settings/workspace/close/",
    "/enter/",
    "/join/",
    "/confirm/",
    "/static/",
    "/notifications/",
    "/announcements/",
    # Whoever runs this site may be asked in, seen and shown out while something is unpaid.
    "/support/",
    "/settings/support/",
    "/healthz",
)


class AccessMiddleware:
    """READ_ONLY: nothing is changed. SUSPENDED: only what stands in _ALWAYS answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        scope = peek()
        snapshot = scope.snapshot if scope else None
        if snapshot is None or request.path.startswith(_ALWAYS):
            return self.get_response(request)
        access = access_of(snapshot)
        if access == Access.SUSPENDED:
            return self._suspended(request)
        if access == Access.READ_ONLY and request.method not in _SAFE:
            return _refused(request, "read_only", _read_only())
        return self.get_response(request)

    def _suspended(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if request.path.startswith("/api/") or request.method not in _SAFE:
            return _refused(request, "suspended", _suspended_words())
        if not user.is_authenticated:
            return redirect(f"/account/login/?next={BILLING}")
        if getattr(user, "may_administer", False) and "HX-Request" not in request.headers:
            return redirect(BILLING)
        context = {"title": _("Suspended"), "sentence": _suspended_words(), "no_side": True}
        return render(request, "billing/subscriptions/suspended.html", context, status=402)


def _refused(request: HttpRequest, code: str, sentence: str) -> HttpResponse:
    """JSON for the API, a toast for htmx, a page for everybody else. Nothing that was typed is lost."""
    if request.path.startswith("/api/"):
        return problem(code, sentence, status=402)
    if "HX-Request" in request.headers:
        return told(sentence, tone="red", status=402)
    context = {"title": _("Read only"), "sentence": sentence, "no_side": True}
    return render(request, "billing/subscriptions/suspended.html", context, status=402)


def _read_only() -> str:
    return _(
        "This workspace can only be read until its subscription is in order again. An administrator sees under "
        "Settings → Billing what to do. Nothing is lost."
    )


def _suspended_words() -> str:
    return _(
        "This workspace is suspended because its subscription is not paid. An administrator can pay, or take "
        "everything out, after signing in. Nothing is lost."
    )
