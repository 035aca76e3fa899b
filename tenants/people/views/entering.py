"""Ways in: the one-time code after sign-up, an invitation, the confirmation of a mail address."""

from contextlib import nullcontext

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.tenancy.scope import current_snapshot
from tenants.people.confirmation import ConfirmationRefused, confirm_mail, read_confirmation
from tenants.people.entrance import EntryRefused, use_entry_code
from tenants.people.forms import JoinForm, with_problems
from tenants.people.invitations import InvitationGone, accept_invitation, invitation_of
from tenants.people.models import User
from tenants.people.security.brakes import LINKS
from tenants.people.security.events import note_sign_in
from tenants.people.security.origin import client_ip
from tenants.people.sso.services import is_only_way_in
from web.answers import go

_BACKEND = "tenants.people.backends.WorkspaceBackend"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """GET only shows a form that sends itself: a page that was merely looked at uses nothing up."""
    context = {"workspace": current_snapshot().name, "no_side": True}
    if request.method != "POST":
        return render(request, "tenants/people/enter.html", context)
    _brake(request)
    try:
        person = use_entry_code(code)
        _release(request)
    except EntryRefused as error:
        if request.user.is_authenticated:
            # Sent twice: the first one signed them in.
            return redirect("/")
        return _gone(request, error, _("Sign in to go on."))
    sign_in(request, person, way=_("Right after sign-up"))
    return redirect("/")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """An invitation's page: name and password, then in. `?language=` is the language that was chosen there."""
    chosen = request.GET.get("language", "")
    language = chosen if chosen in dict(settings.LANGUAGES) else ""
    with translation.override(language) if language else nullcontext():
        response = _join(request, token, language)
        response.headers["Content-Language"] = translation.get_language() or "en"
        return response


def _join(request: HttpRequest, token: str, language: str) -> HttpResponse:
    _brake(request)
    try:
        invitation = invitation_of(token)
        _release(request)
        if is_only_way_in():
            # Their invitation is taken up when they come from there.
            context = {
                "invitation": invitation,
                "workspace": current_snapshot(),
                "no_side": True,
                "by_service": True,
            }
            return render(request, "tenants/people/join.html", context)
        form = JoinForm(request.POST or None, initial={"name": invitation.name})
        if request.method == "POST" and form.is_valid():
            try:
                person = accept_invitation(token, language=language, **form.cleaned_data)
            except InvitationGone:
                raise
            except DomainError as error:
                with_problems(form, error.fields, error)
            else:
                sign_in(request, person, way=_("Invitation"))
                return go(request, "/", _("Welcome, %(name)s.") % {"name": person.get_short_name()})
    except InvitationGone as error:
        return _gone(request, error)
    context = {"form": form, "invitation": invitation, "workspace": current_snapshot(), "no_side": True}
    return render(request, "tenants/people/join.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button, not a self-sending form: mail scanners open links and run scripts."""
    try:
        if request.method == "POST":
            person = confirm_mail(token)
            sentence = _("Thank you. %(mail)s is confirmed.") % {"mail": person.email}
            return go(request, "/" if request.user.is_authenticated else "/account/login/", sentence)
        person, mail = read_confirmation(token)
    except ConfirmationRefused as error:
        return _gone(request, error)
    context = {"mail": mail, "workspace": current_snapshot(), "no_side": True}
    return render(request, "tenants/people/confirm.html", context)


def sign_in(request: HttpRequest, person: User, *, way: str) -> None:
    """A fresh session for somebody who has just proved who they are. way: how, for the security log."""
    login(request, person, backend=_BACKEND)
    record_authentication(request, person, method="link")
    note_sign_in(person, way=way)


def _brake(request: HttpRequest) -> None:
    """Whoever tries codes has to wait. Raises TooOften."""
    LINKS.attempt(client_ip(request) or "unknown")


def _release(request: HttpRequest) -> None:
    LINKS.take_back(client_ip(request) or "unknown")


def _gone(request: HttpRequest, error: DomainError, more: str = "") -> HttpResponse:
    context = {"sentence": error, "more": more, "workspace": current_snapshot(), "no_side": True}
    return render(request, "tenants/people/link_gone.html", context, status=error.status)
