"""Looking at the workspace through a role's eyes: an administrator sees what its people see, and changes nothing."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.ids import read_uuid
from tenants.people.models import AccessRole
from web.answers import problem, told
from web.shell import Notice

VIEWING = "view_as_role"
STOP = "/settings/roles/as-oneself/"
_SAFE = ("GET", "HEAD", "OPTIONS")


class ViewAsMiddleware:
    """For the request, the administrator is a member with the role. Only ending it and signing out are writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        role = _viewed_role(request)
        if role is None:
            return self.get_response(request)
        user.viewed_role = role
        if request.method not in _SAFE and request.path not in (STOP, "/account/logout/"):
            return _refused(request)
        return self.get_response(request)


def _viewed_role(request: HttpRequest) -> AccessRole | None:
    """None for everybody else, also for somebody who is no administrator any more."""
    if not request.user.is_authenticated or getattr(request, "tenant", None) is None:
        return None
    role_id = read_uuid(request.session.get(VIEWING, ""))
    if role_id is None or not request.user.may_administer:  # type: ignore[union-attr]
        return None
    return AccessRole.objects.filter(pk=role_id).first()


def viewing_notice(user: Any) -> list[Notice]:
    """The bar above every page meanwhile."""
    if user.viewed_role is None:
        return []
    text = _("You see the workspace as “%(role)s” does. Nothing can be changed meanwhile.")
    return [
        Notice(text % {"role": user.viewed_role}, "eye", "violet", action=_("Back to yourself"), post=STOP)
    ]


def _refused(request: HttpRequest) -> HttpResponse:
    error = NotAllowed(_("You are only looking as another role does; nothing was changed."))
    if request.path.startswith("/api/"):
        return problem(error.code, str(error), status=error.status)
    if "HX-Request" in request.headers:
        return told(str(error), tone="red", status=error.status)
    context = {"error": error, "status": error.status, "no_side": True}
    return render(request, "web/error.html", context, status=error.status)
