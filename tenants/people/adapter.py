"""allauth inside a workspace: links from the stored domain, no open sign-up, brakes, and the security log."""

from contextlib import nullcontext
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.limits import TooOften
from core.tenancy.addresses import address_of, public_address
from core.tenancy.scope import current
from tenants.people.mailing import with_footer
from tenants.people.models import EventKind, Role, User
from tenants.people.security.brakes import BY_ACCOUNT, BY_ADDRESS
from tenants.people.security.events import note_event, note_sign_in
from tenants.people.security.origin import client_ip
from tenants.people.security.ways import came_by_service, way_of
from tenants.people.sso.services import is_linked, is_only_way_in, service_in_use


class WorkspaceAccountAdapter(DefaultAccountAdapter):
    """allauth builds links from the request's Host header; these come from the registry."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("Mail address or password is not right."),
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("The password is not right."),
        "rate_limited": _("Too many attempts. Try again in a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people join by invitation

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _ours(super().get_reset_password_from_key_url(key))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's fixed windows. Raises ValidationError with the minutes left."""
        try:
            BY_ADDRESS.attempt(_address(request))
            BY_ACCOUNT.attempt(_account(credentials))
        except TooOften as error:
            note_event(EventKind.BRAKED, person=_person(credentials), text=_account(credentials))
            raise ValidationError(str(error), code=error.code)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        person = super().authenticate(request, **credentials)
        if person is not None:
            BY_ACCOUNT.passed(_account(credentials))
            BY_ADDRESS.take_back(_address(request))
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        note_event(EventKind.SIGN_IN_FAILED, person=_person(credentials), text=_account(credentials))

    def pre_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse | None:
        """Where the workspace's own service is the only way in, owners alone come by another."""
        refused: HttpResponse | None = super().pre_login(request, user, **more)
        if (
            refused is None
            and user.role != Role.OWNER
            and is_only_way_in()
            and not came_by_service(request, user)
        ):
            messages.error(request, _("Your workspace signs in another way: use the button below."))
            return redirect("account_login")
        return refused

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """allauth's, and the service for whoever is known there."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        service = service_in_use() if user.is_authenticated and not current().is_public else None
        if service is not None and is_linked(service, user):
            ways.append(
                {"id": "sso", "description": _("Sign in there once more"), "url": reverse("sso_confirm")}
            )
        return ways

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        note_sign_in(user, way=way_of(request, user))

    def logout(self, request: HttpRequest) -> None:
        person = request.user
        super().logout(request)
        if isinstance(person, User):
            note_event(EventKind.SIGNED_OUT, person=person)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        for name in ("password_reset_url", "signup_url", "activate_url"):
            if name in context:
                context[name] = _ours(context[name])
        context["workspace"] = current().snapshot
        language = getattr(context.get("user"), "language", "")
        # Whoever asks for it may sit at a browser in another language than the person's own.
        with override(language) if language else nullcontext():
            super().send_mail(template_prefix, email, context)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None
    ) -> Any:
        message = super().render_mail(template_prefix, email, context, headers)
        message.body = with_footer(message.body.strip()) + "\n"
        return message

    def format_email_subject(self, subject: str) -> str:
        snapshot = current().snapshot
        return f"[{snapshot.name if snapshot else 'Guanxi'}] {subject}"


def _account(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").strip().lower()[:254]


def _address(request: HttpRequest) -> str:
    return client_ip(request) or "unknown"


def _person(credentials: dict[str, Any]) -> User | None:
    return User.objects.filter(email=_account(credentials)).first() if _account(credentials) else None


def _ours(url: str) -> str:
    """The same path on the stored primary domain."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    snapshot = current().snapshot
    return address_of(snapshot.domain, path) if snapshot else public_address(path)
