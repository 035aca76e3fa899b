"""What an offer said, carried through the person's browser under a signature and back. No network, no database."""

import datetime as dt
import secrets
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from billing.gateway.plain import InvoiceAsIs
from billing.plans.rules import Booking
from core.errors import Conflict, DomainError

OFFER_SECONDS = 900
_SALT = "billing.offer"


class OfferChanged(Conflict):
    """What was shown is no longer what would be charged."""

    code = "offer_changed"


def amounts_of(
    due_now: InvoiceAsIs | None, recurring: InvoiceAsIs, first: InvoiceAsIs | None
) -> list[int | None]:
    return [
        due_now.due_minor if due_now else None,
        recurring.total_minor,
        first.due_minor if first else None,
    ]


def sign_offer(
    tenant_id: UUID,
    wanted: Booking,
    at: dt.datetime,
    invoices: tuple[InvoiceAsIs | None, InvoiceAsIs, InvoiceAsIs | None],
    coupon: str,
) -> str:
    """invoices: what is charged at once, a whole period, the first period of what waits."""
    payload = {
        "tenant": str(tenant_id),
        "plan": [wanted.plan_key, wanted.version, wanted.interval, wanted.currency, wanted.seats],
        "add_ons": dict(wanted.add_ons),
        "at": at.isoformat(),
        "amounts": amounts_of(*invoices),
        "coupon": coupon,
        "nonce": secrets.token_hex(12),
    }
    return signing.dumps(payload, salt=_SALT, compress=True)


def payload_of(token: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=OFFER_SECONDS)
    except signing.SignatureExpired:
        raise OfferChanged(_("This has been open for a while. Please look at the amounts once more."))
    except signing.BadSignature:
        raise DomainError(_("This form is not complete. Please start again."))
    return found


def read_offer(tenant_id: UUID, token: str) -> tuple[Booking, dt.datetime, str]:
    found = payload_of(token)
    if found["tenant"] != str(tenant_id):
        raise DomainError(_("This form is not complete. Please start again."))
    plan_key, version, interval, currency, seats = found["plan"]
    booking = Booking(plan_key, version, interval, currency, seats, found["add_ons"])
    return booking, dt.datetime.fromisoformat(found["at"]), found["nonce"]


def read_start(tenant_id: UUID, token: str) -> tuple[Booking, str, str]:
    """Of an offer for a first subscription: (what, coupon, nonce). Raises OfferChanged, DomainError."""
    booking, _at, nonce = read_offer(tenant_id, token)
    return booking, str(payload_of(token)["coupon"]), nonce
