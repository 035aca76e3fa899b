"""Signing in by another service: the way there, the way back, and its settings."""

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError, NotAllowed
from tenants.people.forms import with_problems
from tenants.people.models import SignInService
from tenants.people.rights import require_administrator
from tenants.people.roles.services import role_choices, value_of
from tenants.people.security.brakes import OUTSIDE
from tenants.people.security.confirming import confirmed_lately, kept_values, needs_confirmation
from tenants.people.security.origin import client_ip
from tenants.people.sso.errors import ServiceTrouble
from tenants.people.sso.journey import CONFIRM, LINK, SIGN_IN, arrive, depart, forget_journey, redirect_url
from tenants.people.sso.provider import discover, key_for
from tenants.people.sso.services import (
    is_same_person,
    link_person,
    person_for,
    remove_service,
    save_service,
    service_in_use,
    sign_in_service,
)
from web.answers import go


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the service, to sign in."""
    if request.user.is_authenticated:
        return redirect("/")
    return _depart(request, SIGN_IN, to=request.GET.get("next", "/"))


@never_cache
@require_safe
@login_required
def link(request: HttpRequest) -> HttpResponse:
    """To the service, to show who one is there. Only right after one has shown who one is here."""
    if not confirmed_lately(request):
        return redirect(f"{reverse('account_reauthenticate')}?next={request.path}")
    return _depart(request, LINK, to=reverse("profile"))


@never_cache
@require_safe
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """To the service, to show that it is still oneself."""
    return _depart(request, CONFIRM, to=request.GET.get("next", "/"))


@never_cache
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Back from the service. A GET, as the protocol has it; what it does, the state allows once."""
    service = _service()
    who = client_ip(request) or "unknown"
    try:
        OUTSIDE.attempt(who)
        journey, claims = arrive(request, service)
        response = _arrived(request, service, journey, claims)
        OUTSIDE.take_back(who)
    except DomainError as error:
        response = _trouble(request, error)
    return forget_journey(response)  # type: ignore[no-any-return]


def _arrived(request: HttpRequest, service: SignInService, journey: Any, claims: Any) -> HttpResponse:
    if journey.purpose == SIGN_IN:
        person = person_for(service, claims)
        record_authentication(request, person, method="sso")
        return perform_login(request, Login(user=person, redirect_url=journey.next))  # type: ignore[no-any-return]
    user: Any = request.user
    if not user.is_authenticated:
        raise ServiceTrouble(_("You were signed out meanwhile. Start again."))
    if journey.purpose == LINK:
        link_person(service, claims, person=user)
        return go(request, journey.next, _("Linked. From now on you can sign in that way."))
    if not is_same_person(service, claims, user):
        raise NotAllowed(_("You signed in there as somebody else."))
    record_authentication(request, user, method="sso", reauthenticated=True)
    return redirect(journey.next)


def _depart(request: HttpRequest, purpose: str, *, to: str) -> HttpResponse:
    service = _service()
    try:
        return depart(request, service, purpose=purpose, to=to)
    except ServiceTrouble as error:
        return _trouble(request, error)


def _service() -> SignInService:
    found = service_in_use()
    if found is None:
        raise Http404
    return found


def _trouble(request: HttpRequest, error: DomainError) -> HttpResponse:
    context = {
        "error": error,
        "status": error.status,
        "heading": _("You could not be signed in"),
        "home_url": "/" if request.user.is_authenticated else reverse("account_login"),
        "no_side": True,
    }
    return render(request, "web/error.html", context, status=error.status)


class ServiceForm(forms.Form):
    issuer = forms.URLField(
        label=gettext_lazy("Address of the service (issuer)"), max_length=300, assume_scheme="https"
    )
    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=300)
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept sealed and never shown again. Empty: the one there is stays."),
    )
    button = forms.CharField(
        label=gettext_lazy("Text of the button"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: Sign in by another service."),
    )
    domains = forms.CharField(
        label=gettext_lazy("Mail domains that are believed"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Whoever has a verified address there is the person with that address here."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role of new people"))
    creates_people = forms.BooleanField(
        label=gettext_lazy("Who is unknown here becomes a person, and takes a seat"), required=False
    )
    required = forms.BooleanField(
        label=gettext_lazy("Only this way in"),
        help_text=gettext_lazy(
            "Passwords and passkeys of members and administrators open nothing; an owner's still do."
        ),
        required=False,
    )
    enabled = forms.BooleanField(label=gettext_lazy("In use"), required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        role: Any = self.fields["role"]
        role.choices = [choice for choice in role_choices() if choice[0] != "admin"]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@needs_confirmation()
def sso_settings(request: HttpRequest) -> HttpResponse:
    """Which service, under which name, and whom it lets in."""
    user: Any = request.user
    require_administrator(user)
    service = sign_in_service()
    form = ServiceForm(request.POST or None, initial=_as_it_is(service) | kept_values(request))
    if request.method == "POST" and form.is_valid():
        try:
            save_service(by=user, **form.cleaned_data)
        except DomainError as error:
            with_problems(form, error.fields, error)
        else:
            return go(request, reverse("sso_settings"), _("Saved"))
    context = {
        "title": _("Sign-in"),
        "form": form,
        "service": service,
        "redirect_url": redirect_url(),
        "findings": [],
    }
    return render(request, "tenants/people/sso.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def sso_test(request: HttpRequest) -> HttpResponse:
    """Ask the service about itself now; nothing is changed."""
    require_administrator(request.user)  # type: ignore[arg-type]
    service = sign_in_service()
    if service is None:
        raise Http404
    context: dict[str, Any] = {"found": None, "problem": ""}
    try:
        context["found"] = found = discover(service.issuer, fresh=True)
        context["keys"] = len(key_for(found, key_id=None))
    except ServiceTrouble as error:
        context["problem"] = str(error)
    return render(request, "tenants/people/_sso_test.html", context)


@require_POST
@login_required
@needs_confirmation(back="sso_settings")
def sso_remove(request: HttpRequest) -> HttpResponse:
    remove_service(by=request.user)  # type: ignore[arg-type]
    return go(request, reverse("sso_settings"), _("Removed"))


def _as_it_is(service: SignInService | None) -> dict[str, Any]:
    if service is None:
        return {"role": value_of(None)}
    names = ("issuer", "client_id", "button", "creates_people", "required", "enabled")
    return {
        **{name: getattr(service, name) for name in names},
        "domains": " ".join(service.domains),
        "role": value_of(service.role),
    }
