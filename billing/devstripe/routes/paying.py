"""Who pays, with what: customers, cards, intents, charges, refunds, disputes, invoices, credit notes."""

from typing import Any

from billing.devstripe import cards, credit_notes, customers, disputes, endings, payments, previews
from billing.devstripe.api import page, route
from billing.devstripe.calendar import now_for
from billing.devstripe.catalog import merged_metadata
from billing.devstripe.errors import invalid
from billing.devstripe.events import changed
from billing.devstripe.invoices import finalize, mark_uncollectible, void
from billing.devstripe.models import Account
from billing.devstripe.params import Metadata, need
from billing.devstripe.routes.common import PAGE, act, change, create, resource
from billing.devstripe.store import all_of, find, get, put

create("customers", customers.CUSTOMER, customers.create_customer)
act("GET", "customers/{object_id}", customers.read_customer)
change("customers/{object_id}", customers.CUSTOMER, customers.update_customer)
act("DELETE", "customers/{object_id}", endings.delete_customer)
resource("customers", "customer", {"email": str, "test_clock": str}, reads=False)
change("customers/{customer_id}/tax_ids", customers.TAX_ID, customers.create_tax_id)
act("GET", "customers/{customer_id}/tax_ids", customers.list_tax_ids)
act("DELETE", "customers/{customer_id}/tax_ids/{object_id}", customers.delete_tax_id)
resource("payment_methods", "payment_method", {"customer": str, "type": str})
act("POST", "payment_methods/{object_id}/detach", cards.detach)
resource("setup_intents", "setup_intent", {"customer": str})
resource("payment_intents", "payment_intent", {"customer": str})
resource("charges", "charge", {"customer": str, "payment_intent": str})
create("refunds", payments.REFUND, payments.create_refund)
resource("refunds", "refund", {"charge": str, "payment_intent": str})
resource("invoiceitems", "invoiceitem", {"customer": str})
resource("invoice_payments", "invoice_payment", {"invoice": str, "status": str})
create("credit_notes", credit_notes.CREDIT_NOTE, credit_notes.create_credit_note)
act("POST", "credit_notes/{object_id}/void", credit_notes.void_credit_note)
resource("credit_notes", "credit_note", {"customer": str, "invoice": str})
change("disputes/{object_id}", disputes.DISPUTE, disputes.update_dispute)
act("POST", "disputes/{object_id}/close", disputes.close_dispute)
resource("disputes", "dispute", {"charge": str, "payment_intent": str})
create("invoices/create_preview", previews.PREVIEW, previews.create_preview)


@route("POST", "payment_methods/{object_id}/attach", {"customer": str})
def attach_card(account: Account, given: dict[str, Any], object_id: str) -> Any:
    need(given, "customer")
    get(account, "customer", given["customer"], param="customer")
    return cards.attach(account, object_id, given["customer"])


@route("GET", "customers/{customer_id}/payment_methods", {**PAGE, "type": str})
def cards_of(account: Account, given: dict[str, Any], customer_id: str) -> Any:
    get(account, "customer", customer_id)
    found = all_of(account, "payment_method", customer=customer_id)
    return page(given, f"/v1/customers/{customer_id}/payment_methods", found)


@route("GET", "customers/{customer_id}/balance_transactions", PAGE)
def balance_of(account: Account, given: dict[str, Any], customer_id: str) -> Any:
    get(account, "customer", customer_id)
    found = all_of(account, "customer_balance_transaction", customer=customer_id)
    return page(given, f"/v1/customers/{customer_id}/balance_transactions", found)


@route("GET", "invoices", {**PAGE, "customer": str, "subscription": str, "status": str})
def list_invoices(account: Account, given: dict[str, Any]) -> Any:
    where = {name: given[name] for name in ("customer", "status") if given.get(name)}
    found = all_of(account, "invoice", **where)
    if given.get("subscription"):
        found = [each for each in found if subscription_of(each) == given["subscription"]]
    return page(given, "/v1/invoices", [_short(each) for each in found])


@route("GET", "invoices/{object_id}")
def read_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    return _short(get(account, "invoice", object_id))


@route("POST", "invoices/{object_id}", {"metadata": Metadata, "description": str, "footer": str})
def update_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    before = get(account, "invoice", object_id)
    plain = {name: value or None for name, value in given.items() if name != "metadata"}
    metadata = merged_metadata(before["metadata"], given.get("metadata"))
    after = put(account, {**before, **plain, "metadata": metadata})
    changed(account, "invoice.updated", before, after)
    return _short(after)


@route("POST", "invoices/{object_id}/pay", {"off_session": bool, "payment_method": str})
def pay_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    """By hand: no automatic attempt. Raises Refusal 402 when the card is refused; the attempt stays known."""
    invoice = get(account, "invoice", object_id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] not in ("draft", "open", "uncollectible"):
        raise invalid(f"Invoices with status {invoice['status']} cannot be paid.")
    at = now_for(account, invoice["customer"])
    card = _card_of(account, invoice["customer"], given.get("payment_method"))
    if invoice["status"] == "draft":
        invoice = finalize(account, invoice, at)
    subscription = find(account, "subscription", subscription_of(invoice))
    refusal = payments.try_to_pay(account, invoice, subscription, at, automatic=False, card=card)
    endings.follow_payment(account, get(account, "invoice", object_id), at, refusal=refusal)
    if refusal:
        raise payments.unpaid(refusal).keeping()
    return _short(get(account, "invoice", object_id))


@route("POST", "invoices/{object_id}/finalize", {"auto_advance": bool})
def finalize_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    at = now_for(account, invoice["customer"])
    if "auto_advance" in given:
        invoice["auto_advance"] = given["auto_advance"]
    invoice = finalize(account, invoice, at)
    if invoice["auto_advance"]:
        # What advances by itself is charged by the clock, an attempt that is due at once.
        put(account, {**invoice, "_retry_at": at})
    return _short(invoice)


@route("POST", "invoices/{object_id}/void")
def void_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    at = now_for(account, invoice["customer"])
    after = void(account, invoice, at)
    endings.follow_write_off(account, after, at)
    return _short(after)


@route("POST", "invoices/{object_id}/mark_uncollectible")
def give_up_invoice(account: Account, given: dict[str, Any], object_id: str) -> Any:
    invoice = get(account, "invoice", object_id)
    at = now_for(account, invoice["customer"])
    after = mark_uncollectible(account, invoice, at)
    endings.follow_write_off(account, after, at)
    return _short(after)


@route("GET", "invoices/{object_id}/lines", PAGE)
def invoice_lines(account: Account, given: dict[str, Any], object_id: str) -> Any:
    if given.get("created"):
        raise invalid("Received unknown parameter: created", param="created", code="parameter_unknown")
    return page(given, f"/v1/invoices/{object_id}/lines", get(account, "invoice", object_id)["lines"]["data"])


def subscription_of(invoice: dict[str, Any]) -> str:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription") or ""


def _card_of(account: Account, customer_id: str, method_id: str | None) -> dict[str, Any] | None:
    if not method_id:
        return None
    card = get(account, "payment_method", method_id, param="payment_method")
    if card["customer"] != customer_id:
        raise invalid("The payment method must belong to the invoice's customer.", param="payment_method")
    return card


def _short(invoice: dict[str, Any]) -> dict[str, Any]:
    """The first ten lines, as Stripe sends them with an invoice."""
    lines = invoice["lines"]
    if len(lines["data"]) <= 10:
        return invoice
    return {**invoice, "lines": {**lines, "data": lines["data"][:10], "has_more": True}}
