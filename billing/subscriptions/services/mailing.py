"""Mails about a subscription: what its standing calls for, and what was received. Public scope; each goes once."""

import datetime as dt
import hashlib
from collections.abc import Callable
from functools import partial

from django.utils.translation import override

from billing.gateway.client import mode
from billing.subscriptions.models import Invoice, SentNotice, Subscription
from billing.subscriptions.rules.notices import Notice, due_notices
from billing.subscriptions.rules.standing import Standing, State, steps_ahead
from billing.subscriptions.selectors import invoice_to_confirm
from billing.subscriptions.services.story import TIME, tell
from core.clock import zone_or_utc
from core.money import format_minor
from core.tenancy.addresses import address_of
from core.tenancy.scope import public_scope, tenant_scope
from tenants.people.mailing import send_mail_in
from tenants.people.selectors import mails_of_owners
from tenants.registry.models import Tenant

BILLING_PATH = "/settings/billing/"
# Money that came longer ago is no news: what was never told by then stays untold.
RECEIPT_DAYS = 3


def send_notices(subscription: Subscription, at: dt.datetime) -> int:
    """Mail what should have gone out by now; how many went. Raises OSError when the mail server does not take them.

    Each is written down before it is sent: a mail that was perhaps sent is not sent twice.
    """
    sent = 0
    standing = subscription.standing
    for notice in due_notices(standing, at):
        sent_to = 0
        for mail in _recipients(subscription):
            sent_to += _once(
                subscription, notice.key, mail, at, partial(_mail, subscription, standing, notice, to=mail)
            )
        if sent_to:
            facts = {"state": str(standing.state), "reason": str(standing.reason)}
            facts["until"] = standing.deadline.isoformat() if standing.deadline else ""
            tell(subscription.pk, "notice", actor=TIME, at=at, **facts)
        sent += sent_to
    return sent


def send_receipts(subscription: Subscription, at: dt.datetime) -> int:
    """For money received lately, to the billing address or else the owners; how many went. Raises OSError."""
    since = at - dt.timedelta(days=RECEIPT_DAYS)
    paid = Invoice.objects.filter(
        tenant_id=subscription.pk, mode=mode(), state=Invoice.State.PAID, paid_minor__gt=0, paid_at__gte=since
    )
    sent = 0
    for invoice in paid.order_by("paid_at", "id"):
        sent_to = 0
        for mail in [subscription.billing_mail] if subscription.billing_mail else _recipients(subscription):
            send = partial(_mail_receipt, subscription, invoice, to=mail)
            sent_to += _once(subscription, f"receipt:{invoice.pk}", mail, at, send)
        if sent_to:
            tell(subscription.pk, "receipt", actor=TIME, at=at, number=invoice.number)
        sent += sent_to
    return sent


def _once(subscription: Subscription, key: str, mail: str, at: dt.datetime, send: Callable[[], None]) -> int:
    """1 when it went now, 0 when it had gone. Written down before: what was perhaps sent is not sent twice."""
    row, fresh = SentNotice.objects.get_or_create(
        tenant_id=subscription.pk,
        key=f"{key}:{hashlib.sha256(mail.encode()).hexdigest()[:12]}",
        defaults={"at": at},
    )
    if not fresh:
        return 0
    try:
        send()
    except OSError:
        row.delete()
        raise
    return 1


def _mail_receipt(subscription: Subscription, invoice: Invoice, *, to: str) -> None:
    tenant = subscription.tenant
    host, zone = _host_of(tenant), zone_or_utc(tenant.time_zone)
    with override(tenant.language):
        amount = format_minor(invoice.paid_minor, invoice.currency)
    context = {
        "workspace": tenant.name,
        "number": invoice.number,
        "amount": amount,
        "paid_at": invoice.paid_at.astimezone(zone) if invoice.paid_at else None,
        "pdf_url": invoice.pdf_url,
        "receipt_url": invoice.receipt_url,
        "url": address_of(host, BILLING_PATH + "invoices/"),
    }
    send_mail_in(
        tenant.language, "billing/subscriptions/mail/receipt", to, context, tenant_id=subscription.pk
    )


def _mail(subscription: Subscription, standing: Standing, notice: Notice, *, to: str) -> None:
    tenant = subscription.tenant
    ahead = steps_ahead(standing)
    zone = zone_or_utc(tenant.time_zone)
    context = {
        "workspace": tenant.name,
        "state": standing.state,
        "reason": standing.reason,
        "days": notice.days,
        "confirm_url": _confirm_url(subscription) if standing.state == State.PAST_DUE else "",
        "deadline": standing.deadline.astimezone(zone) if standing.deadline else None,
        "ahead": [(each.state, each.since.astimezone(zone)) for each in ahead[1:]],
        "url": address_of(_host_of(tenant), BILLING_PATH),
        "export_url": address_of(_host_of(tenant), "/settings/export/"),
    }
    send_mail_in(
        tenant.language, "billing/subscriptions/mail/standing", to, context, tenant_id=subscription.pk
    )


def _confirm_url(subscription: Subscription) -> str:
    """Stripe's page of the invoice that a bank wants confirmed; '' without one."""
    invoice = invoice_to_confirm(subscription)
    return invoice.page_url if invoice is not None else ""


def _host_of(tenant: Tenant) -> str:
    return str(tenant.domains.filter(is_primary=True).values_list("domain", flat=True).first() or "")


def _recipients(subscription: Subscription) -> list[str]:
    """The billing address and every owner, each once."""
    schema = subscription.tenant.schema_name
    with tenant_scope(schema, switch=True):
        owners = mails_of_owners()
    with public_scope(switch=True, reason="billing notices"):
        return list(dict.fromkeys(mail for mail in [subscription.billing_mail, *owners] if mail))
