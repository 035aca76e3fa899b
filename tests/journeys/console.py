"""A console with something on every page, and an operator who is signed in."""

import contextvars
import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.test import Client
from django.urls import reverse

from billing.plans.drafting import draft_version
from billing.plans.models import Plan
from billing.plans.selectors import content_of, current_version
from billing.plans.taxes import set_tax_rate
from billing.subscriptions.models import CreditNote, Dispute, Invoice
from billing.subscriptions.services.standing import subscription_of
from core.clock import now
from core.tenancy.scope import public_scope
from tenants.console.announcing import announce
from tenants.console.changing_plans import add_coupon
from tenants.console.models import DailyFigures, SentMail, SupportRequest, TenantFacts
from tenants.console.own_lists import save_filter
from tenants.console.services import add_note, grant_more, take_grant_back
from tenants.console.support.services import answer_access, ask_access, end_access
from tenants.registry.models import Domain, Tenant
from tests.isolation.routes import CONSOLE_ROUTES
from tests.tenants.console.conftest import PASSWORD, code_for

_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_LONG = "Donaudampfschifffahrtsgesellschaft"
_NOT_PAGES = {"console_find", "mfa_activate_totp", "mfa_view_recovery_codes"}


def furnish_console(place: Any, operator: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """(cookies of the session, addresses of every page). Everything is committed."""
    with public_scope(switch=True, reason="test"):
        TOTP.activate(operator, _SECRET)
        tenant = Tenant.objects.get(schema_name=place.schema)
        subscription_of(tenant.pk)
        things = _work_on(tenant, operator)
        _neighbours()
    cookie = contextvars.Context().run(_sign_in, operator.email)
    cookies = [
        {
            "name": settings.SESSION_COOKIE_NAME,
            "value": cookie,
            "domain": settings.GUANXI["BASE_HOST"],
            "path": "/",
        }
    ]
    return cookies, _addresses(things)


def _claims(invoice_id: str) -> None:
    """A credit note and two disputes of an invoice."""
    common: dict[str, Any] = {"invoice_id": invoice_id, "currency": "USD", "amount_minor": 900}
    CreditNote.objects.update_or_create(
        id=f"cn_{invoice_id}",
        defaults={**common, "number": "A-1-CN-01", "state": "issued", "issued_at": now()},
    )
    for status, is_open in (("needs_response", True), ("lost", False)):
        Dispute.objects.update_or_create(
            id=f"du_{status}_{invoice_id}",
            defaults={**common, "status": status, "is_open": is_open, "reason": "fraudulent", "opened_at": now(),
                      "answer_by": now() + dt.timedelta(days=9)},
        )  # fmt: skip


def _work_on(tenant: Tenant, operator: Any) -> dict[str, Any]:
    TenantFacts.objects.update_or_create(
        tenant=tenant,
        defaults={"owner_name": f"Olive {_LONG}", "owner_mail": "olive@firm.example", "people": 3,
                  "records": 4210, "storage_bytes": 10**9, "failed_jobs": 2, "waiting_tasks": 1,
                  "fullest": "records", "fullest_percent": 93, "last_active_at": now()},
    )  # fmt: skip
    add_note(tenant, text=f"{_LONG} called. " * 3, by=operator)
    words = {"limit": "records", "amount": 500, "feature": "", "until": None, "reason": _LONG}
    take_grant_back(grant_more(tenant, by=operator, **words), by=operator)
    grant_more(tenant, by=operator, **words)
    access = ask_access(
        tenant, reason=f"The board of {_LONG} stays empty", ticket="T-4711", minutes=30, by=operator
    )
    answer_access(access.pk, tenant_id=tenant.pk, allow=True, by="Olive Owner")
    for path in ("/", f"/opportunities/board/{_LONG}/"):
        SupportRequest.objects.create(access=access, method="GET", path=path, status=200)
    end_access(access.pk, by=operator.name)
    announce(
        title_en=_LONG, title_zh="停机维护", text_en="On Sunday from 2 to 4.", text_zh="周日两点至四点。",
        severity="warning", starts_at=now(), by=operator,
    )  # fmt: skip
    add_coupon(code=f"C{now():%H%M%S%f}", percent_off=25, duration="once", by=operator)
    growth = Plan.objects.get(pk="growth")
    content = content_of(current_version("growth"))
    prices = {**content.prices, ("USD", "month"): (4200, 1300), ("CHF", "year"): (40000, 12000)}
    draft_version(plan=growth, content=replace(content, prices=prices, max_seats=None, features=["api"]))
    rate = set_tax_rate(
        country="DE", name="Umsatzsteuer", percent=Decimal(19), inclusive=False, not_with_tax_id=True
    )
    SentMail.objects.create(
        tenant=tenant, kind="invitation", recipient="o…@f….example", recipient_hash="x", sent=True
    )
    SentMail.objects.create(
        kind="workspaces", recipient="a…@b….example", recipient_hash="y", sent=False, error=_LONG
    )
    Invoice.objects.update_or_create(
        id=f"in_{tenant.pk.hex[:20]}",
        defaults={"tenant": tenant, "mode": "local", "state": "open", "currency": "USD", "total_minor": 3900,
                  "due_minor": 3900, "issued_at": now(), "failed_at": now(), "attempts": 2, "number": "A-1"},
    )  # fmt: skip
    _claims(f"in_{tenant.pk.hex[:20]}")
    save_filter(name=f"Tab {_LONG}", tab="near", search="", sort="name", by=operator)
    for ago in range(1, 20):
        DailyFigures.objects.update_or_create(
            day=now().date() - dt.timedelta(days=ago),
            defaults={"paying": 3 + ago % 4, "trials_ending": ago % 3, "past_due": ago % 5,
                      "monthly_minor": {"USD": 390000 - 9000 * ago}},
        )  # fmt: skip
    return {
        "tenant": tenant.pk,
        "access": access.pk,
        "drafted": "growth",
        "tax_rate": rate.pk,
        "invoice": f"in_{tenant.pk.hex[:20]}",
    }


def _neighbours() -> None:
    """Rows of the registry only: no page of the console visits a schema."""
    at = now()
    for number, name in enumerate((_LONG, "禾木空间设计", "Marchetti Ceramics", "O'Neill & Sons")):
        schema = f"t_screen{number:02d}x"
        tenant, _made = Tenant.objects.update_or_create(
            schema_name=schema,
            defaults={
                "name": name,
                "state": ("ready", "ready", "suspended", "closed")[number],
                "opened_at": at - dt.timedelta(days=20 * number),
                "closed_at": at if number == 3 else None,
                "failed_upgrade": "relation does not exist" if number == 1 else "",
            },
        )
        Domain.objects.get_or_create(
            domain=f"screen{number}.localhost", defaults={"tenant": tenant, "is_primary": True}
        )
        TenantFacts.objects.update_or_create(
            tenant=tenant, defaults={"people": number * 7, "fullest": "seats", "fullest_percent": 31 * number}
        )


def forget_neighbours() -> None:
    """Sweeps of other tests must not look into schemas that are not there."""
    with public_scope(switch=True, reason="test"):
        Tenant.objects.filter(schema_name__startswith="t_screen").delete()


def _sign_in(mail: str) -> str:
    client = Client(HTTP_HOST=f"{settings.GUANXI['BASE_HOST']}{settings.GUANXI['PUBLIC_PORT']}")
    client.post("/console/sign-in/", {"login": mail, "password": PASSWORD})
    client.post("/console/account/factor/", {"code": code_for(_SECRET)})
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _addresses(things: dict[str, Any]) -> list[str]:
    """Each page of the console that a GET shows."""
    found = []
    for name, route in CONSOLE_ROUTES.items():
        parts = dict(each.split(":") for each in route.ids)
        # Forms are asked for by GET, too; what is only POSTed has no page.
        posts_only = route.method == "POST" and name not in (
            "tenant_suspend",
            "tenant_delete",
            "tenant_trial",
            "tenant_grant",
        )
        if name in _NOT_PAGES or posts_only:
            continue
        arguments = {argument: things[what] for argument, what in parts.items()} | route.args
        # What a page is about may stand behind the question mark, too.
        about = f"?{route.query.format(**things)}" if "{" in route.query else ""
        found.append(reverse(name, kwargs=arguments, urlconf=settings.PUBLIC_SCHEMA_URLCONF) + about)
    return found
