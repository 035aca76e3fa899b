"""What time does by itself: steps down, reminders, and the end. Public scope; run by the scheduler."""

import datetime as dt
import hashlib
import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.gateway.client import mode
from billing.gateway.refusals import Refused
from billing.gateway.subscriptions import cancel_now
from billing.subscriptions.models import REASON_WORDS, STATE_WORDS, SentNotice, Subscription
from billing.subscriptions.rules.notices import (
    CLOSING_NOTICE_DAYS,
    Notice,
    closing_notice_key,
    due_notices,
)
from billing.subscriptions.rules.standing import DAYS, Event, Standing, State, steps_ahead
from billing.subscriptions.selectors import invoice_to_confirm
from billing.subscriptions.services.standing import apply_event, billing_time, held
from billing.subscriptions.services.story import TIME, tell
from core.clock import now, zone_or_utc
from core.errors import Unavailable
from core.tenancy.addresses import address_of
from core.tenancy.scope import public_scope, tenant_scope
from tenants.people.mailing import send_mail_in
from tenants.people.selectors import mails_of_owners
from tenants.registry.hosts import forget_tenant
from tenants.registry.models import Tenant, TenantState

log = logging.getLogger(__name__)
BILLING_PATH = "/settings/billing/"


def pass_time() -> int:
    """Take every subscription whose deadline has come one step on, and send what is due. How many were looked at.

    A second run finds nothing to do. One that fails does not keep the others.
    """
    # No notice is older than the longest state; test clocks go their own way.
    near = Q(deadline_at__lte=now() + dt.timedelta(days=max(DAYS.values()) + 1)) | ~Q(clock_id="")
    open_ones = Subscription.objects.filter(near).exclude(state__in=[State.ACTIVE, State.CLOSED])
    # What somebody closed by hand is not dunned on top of it, and its removal is not put off.
    open_ones = open_ones.exclude(tenant__state=TenantState.CLOSED)
    ids = list(open_ones.values_list("pk", flat=True))
    for tenant_id in ids:
        try:
            pass_time_for(tenant_id)
        except (OSError, Unavailable):
            log.warning("the notices of tenant %s wait: mail or payments do not answer", tenant_id)
        except Exception:  # one that fails does not keep the others
            log.exception("time does not pass for tenant %s", tenant_id)
    return len(ids)


def pass_time_for(tenant_id: UUID) -> Subscription:
    """Steps that are due, then mails that are due: after the commit, each once."""
    with transaction.atomic():
        subscription = held(tenant_id)
        at = billing_time(subscription)
        while _is_due(subscription, at):
            standing = subscription.standing
            assert standing.deadline is not None
            if standing.state == State.SUSPENDED:
                if not _may_close(subscription, at):
                    break
                _close(subscription)
            apply_event(subscription, Event.TIME_UP, standing.deadline, actor=TIME)
    send_notices(subscription, billing_time(subscription))
    return subscription


def send_notices(subscription: Subscription, at: dt.datetime) -> int:
    """Mail what should have gone out by now; how many went. Raises OSError when the mail server does not take them.

    Each is written down before it is sent: a mail that was perhaps sent is not sent twice.
    """
    sent = 0
    standing = subscription.standing
    for notice in due_notices(standing, at):
        sent_to = 0
        for mail in _recipients(subscription):
            key = f"{notice.key}:{hashlib.sha256(mail.encode()).hexdigest()[:12]}"
            row, fresh = SentNotice.objects.get_or_create(
                tenant_id=subscription.pk, key=key, defaults={"at": at}
            )
            if not fresh:
                continue
            try:
                _mail(subscription, standing, notice, to=mail)
            except OSError:
                row.delete()
                raise
            sent_to += 1
        if sent_to:
            with override(subscription.tenant.language):
                subject = _subject(standing)
            tell(subscription.pk, "notice", actor=TIME, at=at, subject=subject)
        sent += sent_to
    return sent


def _is_due(subscription: Subscription, at: dt.datetime) -> bool:
    return subscription.deadline_at is not None and subscription.deadline_at <= at


def _may_close(subscription: Subscription, at: dt.datetime) -> bool:
    """Nothing is removed that was not announced in time; a late announcement moves the day."""
    key = closing_notice_key(subscription.standing)
    told = (
        SentNotice.objects.filter(tenant_id=subscription.pk, key__startswith=f"{key}:").order_by("at").first()
    )
    if told is not None and at - told.at >= dt.timedelta(days=CLOSING_NOTICE_DAYS):
        return True
    announced = told.at if told is not None else at
    later = announced + dt.timedelta(days=CLOSING_NOTICE_DAYS, minutes=1)
    if subscription.deadline_at is None or later > subscription.deadline_at:
        subscription.deadline_at = later
        subscription.save(update_fields=["deadline_at"])
    return False


def _close(subscription: Subscription) -> None:
    """The workspace is closed; it is removed after the registry's waiting time."""
    tenant = Tenant.objects.select_for_update().get(pk=subscription.pk)
    tenant.state, tenant.closed_at = TenantState.CLOSED, now()
    tenant.save(update_fields=["state", "closed_at"])
    forget_tenant(tenant)
    end_at_stripe(subscription)


def end_at_stripe(subscription: Subscription) -> None:
    """Nothing is charged for a workspace that is closed. Raises StripeAway."""
    if not subscription.is_paying or subscription.mode != mode():
        return
    try:
        cancel_now(subscription.subscription_id)
    except Refused:
        log.info("the subscription of %s is over at Stripe already", subscription.pk)


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
    send_mail_in(tenant.language, "billing/subscriptions/mail/standing", to, context)


def _confirm_url(subscription: Subscription) -> str:
    """Stripe's page of the invoice that a bank wants confirmed; '' without one."""
    invoice = invoice_to_confirm(subscription)
    return invoice.page_url if invoice is not None else ""


def _subject(standing: Standing) -> str:
    word = str(STATE_WORDS[standing.state])
    reason = str(REASON_WORDS[standing.reason])
    text = f"{word} – {reason}" if reason else word
    if standing.deadline is not None:
        text = _("%(what)s (until %(day)s)") % {
            "what": text,
            "day": date_format(standing.deadline, "DATE_FORMAT"),
        }
    return text


def _host_of(tenant: Tenant) -> str:
    return str(tenant.domains.filter(is_primary=True).values_list("domain", flat=True).first() or "")


def _recipients(subscription: Subscription) -> list[str]:
    """The billing address and every owner, each once."""
    schema = subscription.tenant.schema_name
    with tenant_scope(schema, switch=True):
        owners = mails_of_owners()
    with public_scope(switch=True, reason="billing notices"):
        return list(dict.fromkeys(mail for mail in [subscription.billing_mail, *owners] if mail))
