"""Operators of the installation, and what it runs with. Public scope."""

import platform
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import django
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from billing.gateway.client import mode
from core.errors import Conflict, DomainError
from tenants.console.models import ConsoleSetting
from tenants.console.models.support import Policy
from tenants.console.support.services import DEFAULT_POLICY_KEY
from tenants.people.membership import end_sessions
from tenants.people.models import User
from tenants.registry.events import record_event
from tenants.registry.models import TemplateScript


@dataclass(frozen=True, slots=True)
class Check:
    """One thing the installation runs with. fine: None where there is nothing to judge. note: what to do."""

    label: str
    value: str
    fine: bool | None = None
    note: str = ""


def operators() -> QuerySet[User]:
    """Everybody who may sign in to the console, or could, with `has_factor`."""
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return (
        User.objects.filter(email__isnull=False)
        .annotate(has_factor=Exists(factor))
        .order_by("name_key", "id")
    )


def switch_operator(operator_id: UUID, *, by: Any) -> User:
    """Deactivate or reactivate; who is out loses sessions and support accesses at once.

    Raises DomainError for oneself, Conflict when there is no such operator.
    """
    if operator_id == by.pk:
        raise DomainError(_("You cannot take your own access away. Ask another operator."))
    with transaction.atomic():
        person = User.objects.select_for_update().filter(pk=operator_id, email__isnull=False).first()
        if person is None:
            raise Conflict(_("There is no such operator."))
        person.is_active = not person.is_active
        person.save(update_fields=["is_active", "updated_at"])
        if not person.is_active:
            end_sessions(person)
        kind = "operator_on" if person.is_active else "operator_off"
        record_event(kind, actor=by.name, operator_id=by.pk, name=person.name)
    return person


def set_default_policy(policy: str, *, by: Any) -> None:
    """For support access to workspaces that have said nothing. Raises DomainError."""
    if policy not in Policy.values:
        message = _("Choose one of the list.")
        raise DomainError(message, fields={"policy": message})
    with transaction.atomic():
        ConsoleSetting.objects.update_or_create(key=DEFAULT_POLICY_KEY, defaults={"value": policy})
        record_event("setting", actor=by.name, operator_id=by.pk, key=DEFAULT_POLICY_KEY, value=policy)


def checks() -> list[tuple[str, list[Check]]]:
    """Groups of what the installation runs with. No secret is among them."""
    return [
        (_("Addresses"), _addresses()),
        (_("Mail and payments"), _services()),
        (_("Versions"), _versions()),
    ]


def _addresses() -> list[Check]:
    own = settings.GUANXI
    is_local = own["BASE_HOST"].endswith("localhost")
    return [
        Check(
            _("Domain"),
            own["BASE_HOST"],
            not is_local,
            _("Only this machine can reach it.") if is_local else "",
        ),
        Check(
            _("Scheme"),
            own["SCHEME"],
            own["SCHEME"] == "https" or is_local,
            "" if own["SCHEME"] == "https" else _("Without TLS anybody on the way can read along."),
        ),
        Check(
            _("Contact"),
            own["CONTACT_MAIL"] or "–",
            bool(own["CONTACT_MAIL"]),
            ""
            if own["CONTACT_MAIL"]
            else _("Suspended workspaces are not told whom to ask (GUANXI_CONTACT_MAIL)."),
        ),
        Check(_("Sign-ups an hour from one address"), str(own["SIGNUPS_PER_HOUR"] or _("no limit"))),
    ]


def _services() -> list[Check]:
    by_server = "smtp" in settings.MAIL_SENDER
    payments = mode()
    words = {"live": _("Stripe, live"), "test": _("Stripe, test"), "local": _("The local stand-in")}
    return [
        Check(
            _("Mail"),
            settings.EMAIL_HOST if by_server else _("A folder of this machine"),
            by_server,
            "" if by_server else _("Nobody receives anything (EMAIL_URL)."),
        ),
        Check(_("Sender"), settings.DEFAULT_FROM_EMAIL),
        Check(
            _("Payments"),
            str(words.get(payments, payments)),
            payments == "live",
            "" if payments == "live" else _("No money moves."),
        ),
    ]


def _versions() -> list[Check]:
    newest = TemplateScript.objects.order_by("-made_at").values_list("version", flat=True).first() or "–"
    return [
        Check(_("Workspaces"), newest[:12]),
        Check("Django", django.get_version()),
        Check("Python", platform.python_version()),
    ]
