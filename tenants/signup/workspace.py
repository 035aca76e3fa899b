"""The workspace as a whole: what it is called, where it is, and its end."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.clock import now
from core.errors import DomainError
from core.places import known_country, known_currency, known_time_zone
from core.tenancy.scope import current, public_scope
from core.tenancy.tasks import send_named
from tenants.people.models import EventKind, User
from tenants.people.rights import require_administrator, require_owner
from tenants.people.security.events import note_event
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import KEPT_DAYS, Tenant, TenantState
from tenants.registry.state import take_step


def describe_workspace(*, name: str, language: str, time_zone: str, country: str, by: User) -> None:
    """Change the tenant's row; seen from the next request on. Raises NotAllowed, DomainError."""
    require_administrator(by)
    problems = {}
    if not name.strip():
        problems["name"] = _("This is needed.")
    checks = {
        "language": language in dict(settings.LANGUAGES),
        "time_zone": known_time_zone(time_zone),
        "country": not country or known_country(country),
    }
    problems |= {field: _("Choose one of the list.") for field, ok in checks.items() if not ok}
    if problems:
        raise DomainError(_("Please look at the marked fields."), fields=problems)
    values = {"language": language, "time_zone": time_zone, "country": country}
    _write(name=name.strip()[:120], **values)


def set_base_currency(code: str) -> None:
    """What amounts that name no currency are in; seen from the next request on. Raises DomainError.

    Amounts keep their numbers: whoever calls this has converted them, or knows that they are right.
    """
    if not known_currency(code):
        raise DomainError(_("Choose one of the list."), fields={"currency": _("Choose one of the list.")})
    _write(currency=code)


def close_workspace(*, typed: str, by: User) -> None:
    """Nobody gets in from the next request on; everything is removed after KEPT_DAYS.

    typed: must be the workspace's name. Raises NotAllowed, DomainError.
    """
    require_owner(by)
    snapshot = current().snapshot
    if snapshot is None or typed.strip() != snapshot.name:
        message = _("This is not the name of the workspace.")
        raise DomainError(message, fields={"typed": message})
    schema = current().schema
    note_event(EventKind.CLOSED, by=by)
    with public_scope(reason="closing the workspace", switch=True):
        take_step(Tenant.objects.get(schema_name=schema), step="close", actor=by.name)
    send_named("billing.end_subscription", snapshot.tenant_id)


def due_for_removal() -> list[Tenant]:
    """Closed longer than KEPT_DAYS ago. Public scope."""
    long_ago = now() - dt.timedelta(days=KEPT_DAYS)
    return list(Tenant.objects.filter(state=TenantState.CLOSED, closed_at__lt=long_ago))


def _write(**values: Any) -> None:
    """To the row of the tenant at hand, and out of every cache."""
    schema = current().schema
    with public_scope(reason="workspace settings", switch=True), transaction.atomic():
        tenant = Tenant.objects.select_for_update().get(schema_name=schema)
        for field, value in values.items():
            setattr(tenant, field, value)
        tenant.save(update_fields=list(values))
        forget_tenant(tenant)
