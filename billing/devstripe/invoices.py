"""Making, finalizing and settling invoices. Source: docs.stripe.com/invoicing/overview, /api/invoices."""

from typing import Any

from billing.devstripe.calendar import DAY, HOUR, now_for
from billing.devstripe.customers import book_balance
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed, emit
from billing.devstripe.intents import cancel_payment, open_payment
from billing.devstripe.lines import total_up
from billing.devstripe.models import Account
from billing.devstripe.store import all_of, find, get, listed, put, shape

# In days after the first attempt: eight retries in two weeks (docs.stripe.com/billing/revenue-recovery).
# The real moments are chosen by Stripe; these are even.
RETRY_DAYS = (1, 3, 5, 7, 9, 11, 13, 14)
FINALIZE_AFTER = HOUR
_TRANSITIONS = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")


def make_invoice(
    account: Account,
    customer_id: str,
    lines: list[dict[str, Any]],
    *,
    reason: str,
    subscription: dict[str, Any] | None,
    at: int,
    coupon: dict[str, Any] | None = None,
    tax_rates: list[dict[str, Any]] | None = None,
    preview: bool = False,
) -> dict[str, Any]:
    """A draft. preview: nothing is kept and no event is made; balances are applied as finalizing would."""
    customer = find(account, "customer", customer_id) or shape(
        "customer", id="cus_none", balance=0, metadata={}
    )
    discount_id = ((subscription or {}).get("_discount") or {}).get("id") or "di_preview"
    sums = total_up(lines, coupon, discount_id, tax_rates or [])
    made = shape(
        "invoice",
        amount_due=max(0, sums["total"]),
        amount_remaining=max(0, sums["total"]),
        auto_advance=True,
        automatically_finalizes_at=at + FINALIZE_AFTER,
        billing_reason=reason,
        collection_method="charge_automatically",
        created=at,
        currency=lines[0]["currency"] if lines else (subscription or {}).get("currency") or "usd",
        default_tax_rates=tax_rates or [],
        discounts=[discount_id] if coupon else [],
        lines=listed("/v1/invoices/upcoming/lines", lines),
        metadata={},
        parent=_parent(subscription) if subscription else None,
        period_start=(subscription or {}).get("_period", (at, at))[0],
        period_end=at,
        status="draft",
        status_transitions=dict.fromkeys(_TRANSITIONS),
        **_of_customer(account, customer),
        **sums,
    )
    # Only there when they are asked for (docs.stripe.com/api/expanding_objects, includable properties).
    del made["payments"], made["confirmation_secret"]
    if preview:
        _apply_balance(made)
        return made
    return _kept(account, made, at)


def _of_customer(account: Account, customer: dict[str, Any]) -> dict[str, Any]:
    """What an invoice repeats of whom it is made out to."""
    return {
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [
            {"type": each["type"], "value": each["value"]}
            for each in all_of(account, "tax_id", customer=customer["id"])
        ],
        "starting_balance": customer["balance"] or 0,
        "test_clock": customer["test_clock"],
    }


def _kept(account: Account, made: dict[str, Any], at: int) -> dict[str, Any]:
    """A draft that is finalized by itself."""
    for each in made["lines"]["data"]:
        each["invoice"] = made["id"]
    made["lines"]["url"] = f"/v1/invoices/{made['id']}/lines"
    made["_finalize_at"] = at + FINALIZE_AFTER
    emit(account, "invoice.created", put(account, made))
    return made


def finalize(account: Account, invoice: dict[str, Any], at: int) -> dict[str, Any]:
    """Number, balance and addresses; open."""
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized.", code="invoice_not_editable")
    customer = get(account, "customer", invoice["customer"])
    invoice["starting_balance"] = customer["balance"]
    change = _apply_balance(invoice)
    invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    put(account, {**customer, "next_invoice_sequence": customer["next_invoice_sequence"] + 1})
    if change:
        book_balance(account, customer["id"], change, invoice)
    invoice["status"] = "open"
    invoice["status_transitions"]["finalized_at"] = at
    invoice["effective_at"] = at
    invoice["automatically_finalizes_at"] = invoice["_finalize_at"] = None
    base = account.settings.get("base", "")
    invoice["hosted_invoice_url"] = f"{base}/i/{invoice['id']}"
    invoice["invoice_pdf"] = f"{base}/i/{invoice['id']}/pdf"
    emit(account, "invoice.finalized", put(account, invoice))
    if invoice["amount_due"]:
        open_payment(account, invoice, at)
    return invoice


def settle_paid(account: Account, invoice: dict[str, Any], at: int, paid: int) -> dict[str, Any]:
    """paid: what was charged."""
    invoice["status"] = "paid"
    invoice["amount_paid"], invoice["amount_remaining"] = paid, 0
    invoice["attempted"] = True
    invoice["status_transitions"]["paid_at"] = at
    invoice["next_payment_attempt"] = invoice["_retry_at"] = None
    put(account, invoice)
    emit(account, "invoice.paid", invoice)
    emit(account, "invoice.payment_succeeded", invoice)
    return invoice


def note_failure(account: Account, invoice: dict[str, Any], at: int, *, automatic: bool) -> dict[str, Any]:
    """The first attempt counts, then only automatic retries (docs.stripe.com/api/invoices, attempt_count)."""
    first = not invoice["attempted"]
    invoice["attempted"] = True
    if first or automatic:
        invoice["attempt_count"] += 1
    if first:
        invoice["_first_attempt"] = at
    retries = invoice["attempt_count"] - 1
    next_at = None
    if invoice["auto_advance"] and retries < len(RETRY_DAYS):
        next_at = invoice.get("_first_attempt", at) + RETRY_DAYS[retries] * DAY
    invoice["next_payment_attempt"] = invoice["_retry_at"] = next_at
    put(account, invoice)
    emit(account, "invoice.payment_failed", invoice)
    return invoice


def void(account: Account, invoice: dict[str, Any], at: int) -> dict[str, Any]:
    """Only an open one; what was taken from the balance goes back."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid("Only open and uncollectible invoices can be voided.")
    before = dict(invoice)
    back = invoice["starting_balance"] - (invoice["ending_balance"] or 0)
    if back:
        book_balance(account, invoice["customer"], back, invoice, kind="unapplied_from_invoice")
    invoice["status"], invoice["_retry_at"], invoice["next_payment_attempt"] = "void", None, None
    invoice["status_transitions"]["voided_at"] = at
    put(account, invoice)
    cancel_payment(account, invoice["id"], at)
    emit(account, "invoice.voided", invoice)
    changed(account, "invoice.updated", before, invoice)
    return invoice


def mark_uncollectible(account: Account, invoice: dict[str, Any], at: int) -> dict[str, Any]:
    if invoice["status"] != "open":
        raise invalid("Only open invoices can be marked uncollectible.")
    invoice["status"], invoice["_retry_at"], invoice["next_payment_attempt"] = "uncollectible", None, None
    invoice["status_transitions"]["marked_uncollectible_at"] = at
    put(account, invoice)
    emit(account, "invoice.marked_uncollectible", invoice)
    return invoice


def now_of(account: Account, invoice: dict[str, Any]) -> int:
    return now_for(account, invoice["customer"])


def _apply_balance(invoice: dict[str, Any]) -> int:
    """amount_due after the customer's balance; how the balance changes. Negative totals become credit."""
    start, total = invoice["starting_balance"] or 0, invoice["total"]
    if total <= 0:
        due, end = 0, start + total
    elif start < 0:
        applied = min(total, -start)
        due, end = total - applied, start + applied
    else:
        due, end = total + start, 0
    invoice["amount_due"] = invoice["amount_remaining"] = due
    invoice["ending_balance"] = end
    return end - start


def _parent(subscription: dict[str, Any]) -> dict[str, Any]:
    details = {
        "metadata": subscription["metadata"],
        "subscription": subscription["id"] or None,
        "subscription_proration_date": None,
    }
    return {"type": "subscription_details", "quote_details": None, "subscription_details": details}
