"""Invoices, previews of them, and what paid them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from billing.gateway.amounts import from_stripe, to_stripe
from billing.gateway.catalog import lookup_key_of
from billing.gateway.client import api
from billing.gateway.plain import ChargeAsIs, InvoiceAsIs, Line, moment, stamp
from billing.gateway.refusals import refusals


def read_invoice(invoice_id: str) -> InvoiceAsIs:
    """With all its lines. Raises NotThere, StripeAway."""
    with refusals():
        found = api().v1.invoices.retrieve(invoice_id)
        return as_is(found, _all_lines(found))


def invoices_of(customer_id: str, *, most: int = 100) -> list[InvoiceAsIs]:
    """The newest first, drafts too."""
    with refusals():
        found = api().v1.invoices.list({"customer": customer_id, "limit": min(most, 100)})
        return [as_is(each, _all_lines(each)) for each in found.data]


def preview_change(
    subscription_id: str,
    items: Sequence[dict[str, Any]],
    *,
    proration_at: dt.datetime | None,
    new_period: bool,
    tax_rate_ids: Sequence[str],
) -> InvoiceAsIs:
    """The invoice that `subscriptions.change_items` with the same arguments would make at once.

    proration_at: "to apply exactly the same prorations that were previewed", also where a period begins now. Source:
    docs.stripe.com/api/subscriptions/update, proration_date.
    """
    details: dict[str, Any] = {
        "items": list(items),
        "proration_behavior": "always_invoice",
        "default_tax_rates": list(tax_rate_ids) or "",
    }
    if new_period:
        details["billing_cycle_anchor"] = {"type": "now"}
    if proration_at is not None:
        details["proration_date"] = stamp(proration_at)
    return _preview({"subscription": subscription_id, "subscription_details": details})


def preview_recurring(
    customer_id: str,
    items: Sequence[dict[str, Any]],
    *,
    subscription_id: str = "",
    currency: str,
    coupon: str = "",
    tax_rate_ids: Sequence[str],
    trial_end: dt.datetime | None = None,
) -> InvoiceAsIs:
    """What a whole period of these items costs, with tax and lasting discounts; nothing of the period at hand."""
    details: dict[str, Any] = {"items": list(items), "default_tax_rates": list(tax_rate_ids) or ""}
    asked: dict[str, Any] = {"preview_mode": "recurring", "subscription_details": details}
    if subscription_id:
        asked["subscription"] = subscription_id
        details["proration_behavior"] = "none"
    else:
        asked |= {"currency": currency.lower()} | _whose(customer_id)
        if trial_end is not None:
            details["trial_end"] = stamp(trial_end)
        if coupon:
            asked["discounts"] = [{"coupon": coupon}]
    return _preview(asked)


def preview_renewal(
    subscription_id: str, items: Sequence[dict[str, Any]], *, tax_rate_ids: Sequence[str]
) -> InvoiceAsIs:
    """The next invoice, were these the items when the period ends: with the discount, credit and what waits."""
    details: dict[str, Any] = {
        "items": list(items),
        "proration_behavior": "none",
        "default_tax_rates": list(tax_rate_ids) or "",
    }
    return _preview({"subscription": subscription_id, "subscription_details": details})


def preview_next(subscription_id: str, *, coupon: str = "") -> InvoiceAsIs:
    """The next invoice as things stand, with what waits to be charged or credited.

    coupon: as if this one were given, in the place of the one at hand.
    """
    asked: dict[str, Any] = {"subscription": subscription_id}
    if coupon:
        asked["discounts"] = [{"coupon": coupon}]
    return _preview(asked)


def preview_first(
    customer_id: str,
    items: Sequence[dict[str, Any]],
    *,
    currency: str,
    coupon: str,
    tax_rate_ids: Sequence[str],
) -> InvoiceAsIs:
    """The first invoice of a subscription that is still to be made, without a trial."""
    asked: dict[str, Any] = {
        **_whose(customer_id),
        "currency": currency.lower(),
        "subscription_details": {"items": list(items), "default_tax_rates": list(tax_rate_ids) or ""},
    }
    if coupon:
        asked["discounts"] = [{"coupon": coupon}]
    return _preview(asked)


def _whose(customer_id: str) -> dict[str, str]:
    """Somebody who is no customer yet may ask for prices too."""
    return {"customer": customer_id} if customer_id else {}


def _preview(asked: dict[str, Any]) -> InvoiceAsIs:
    with refusals():
        found = api().v1.invoices.create_preview(asked)  # type: ignore[arg-type]
        return as_is(found, found.lines.data)


def pay_invoice(invoice_id: str, *, idempotency_key: str) -> None:
    """Try to charge it now, with the card at hand. Raises CardRefused.

    The customer's own card is named: that of a subscription which is over would be taken otherwise.
    """
    with refusals():
        invoice: Any = api().v1.invoices.retrieve(invoice_id, {"expand": ["customer"]})
        settings = getattr(invoice.customer, "invoice_settings", None)
        method = _id(settings.default_payment_method) if settings else ""
        details: Any = {"off_session": True, **({"payment_method": method} if method else {})}
        api().v1.invoices.pay(invoice_id, details, options={"idempotency_key": idempotency_key})


def charge_of(invoice_id: str) -> ChargeAsIs | None:
    """What paid the invoice; None when nothing was charged."""
    with refusals():
        paid = api().v1.invoice_payments.list({"invoice": invoice_id, "status": "paid", "limit": 10}).data
        for payment in paid:
            # Paid out of band, it is a "payment_record": the SDK's object then has no intent at all.
            intent_id = _id(getattr(payment.payment, "payment_intent", None))
            if not intent_id:
                continue
            intent: Any = api().v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
            charge = intent.latest_charge
            if charge is not None:
                refunded = from_stripe(charge.amount_refunded, charge.currency.upper())
                return ChargeAsIs(intent_id, charge.receipt_url or "", refunded)
    return None


def waits_for_the_bank(invoice_id: str) -> bool:
    """Whether the bank wants the customer to confirm the payment of an open invoice (3-D Secure).

    Source: docs.stripe.com/billing/subscriptions/overview, "requires_action".
    """
    with refusals():
        found = api().v1.invoice_payments.list({"invoice": invoice_id, "status": "open", "limit": 10}).data
        for payment in found:
            intent_id = _id(getattr(payment.payment, "payment_intent", None))
            if not intent_id:
                continue
            intent = api().v1.payment_intents.retrieve(intent_id)
            error = intent.last_payment_error
            if intent.status == "requires_action" or (error and error.code == "authentication_required"):
                return True
    return False


def refund(payment_intent_id: str, amount_minor: int, currency: str, *, idempotency_key: str) -> str:
    """Give back a part or all of a payment; the refund's id. The invoice stays paid. Raises Refused."""
    with refusals():
        made = api().v1.refunds.create(
            {"payment_intent": payment_intent_id, "amount": to_stripe(amount_minor, currency)},
            options={"idempotency_key": idempotency_key},
        )
    return made.id


def _all_lines(found: Any) -> list[Any]:
    """Stripe sends the first ten with the invoice."""
    if not found.lines.has_more:
        return list(found.lines.data)
    return list(api().v1.invoices.line_items.list(found.id, {"limit": 100}).auto_paging_iter())


def as_is(found: Any, lines: Sequence[Any]) -> InvoiceAsIs:
    """From the SDK's object."""
    currency = found.currency.upper()

    def ours(amount: int | None) -> int:
        return from_stripe(amount or 0, currency)

    parent = found.parent.subscription_details if found.parent else None
    subscription = parent.subscription if parent else None
    issued = found.status_transitions.finalized_at if found.status_transitions else None
    return InvoiceAsIs(
        id=getattr(found, "id", None) or "",
        number=found.number or "",
        status=found.status or "draft",
        currency=currency,
        customer_id=_id(found.customer),
        subscription_id=_id(subscription),
        subtotal_minor=ours(found.subtotal),
        discount_minor=sum(ours(each.amount) for each in found.total_discount_amounts or ()),
        tax_minor=sum(ours(each.amount) for each in found.total_taxes or ()),
        total_minor=ours(found.total),
        due_minor=ours(found.amount_due),
        paid_minor=ours(found.amount_paid),
        issued_at=moment(issued or found.created) or dt.datetime.now(dt.UTC),
        paid_at=moment(found.status_transitions.paid_at) if found.status_transitions else None,
        attempts=found.attempt_count or 0,
        attempted=bool(found.attempted),
        next_attempt_at=moment(found.next_payment_attempt),
        page_url=found.hosted_invoice_url or "",
        pdf_url=found.invoice_pdf or "",
        lines=tuple(_line(each, currency) for each in lines),
        credited_minor=ours(found.pre_payment_credit_notes_amount)
        + ours(found.post_payment_credit_notes_amount),
    )


def _line(line: Any, currency: str) -> Line:
    details = line.parent
    proration = False
    if details is not None:
        for name in ("subscription_item_details", "invoice_item_details"):
            part = getattr(details, name, None)
            proration = proration or bool(part is not None and part.proration)
    start, end = moment(line.period.start), moment(line.period.end)
    assert start is not None and end is not None
    return Line(
        text=line.description or "",
        amount_minor=from_stripe(line.amount, currency),
        quantity=line.quantity,
        start=start,
        end=end,
        is_proration=proration,
        lookup_key=_lookup_key(line),
    )


def _lookup_key(line: Any) -> str:
    details = line.pricing.price_details if line.pricing else None
    return lookup_key_of(_id(details.price)) if details and details.price else ""


def _id(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else value.id
